"""The number of CPU threads: the same on every machine of one kind, whatever else runs on it."""

import json
from pathlib import Path

import psutil
import pytest
import torch

from pipeline.training import threads


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    """`machine(cores, cpus, quota)`: pretend to be a process on such a machine; quota 0 for none."""

    def pretend(cores: int | None, cpus: int, quota: int = 0) -> None:
        monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: cpus if logical else cores)
        monkeypatch.setattr(threads, "_allowed_cpus", lambda: cpus)
        monkeypatch.setattr(threads, "_quota", lambda cgroups: quota)

    return pretend


@pytest.mark.parametrize(
    ("cores", "cpus", "quota", "chosen"),
    [(2, 2, 0, 2), (4, 8, 0, 4), (64, 128, 0, 8), (4, 2, 0, 2), (64, 128, 2, 2), (None, 6, 0, 6), (1, 1, 0, 1)],
)
def test_the_rule_counts_physical_cores_within_affinity_and_quota(machine, cores, cpus, quota, chosen) -> None:
    machine(cores, cpus, quota)
    assert threads.thread_count() == chosen


@pytest.mark.parametrize(("processes", "chosen"), [(1, 8), (2, 8), (4, 4), (5, 3), (40, 1)])
def test_the_processes_of_a_run_share_the_cores_of_their_machine(machine, processes, chosen) -> None:
    machine(16, 16)
    assert threads.thread_count(processes=processes) == chosen


def test_the_parameter_fixes_the_number(machine) -> None:
    machine(2, 2)
    assert threads.thread_count(fixed=16) == 16


def test_two_homes_of_one_machine_choose_the_same_number(tmp_path: Path) -> None:
    for name, load in (("quiet", 1), ("busy", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "threads.json").write_text(json.dumps({"cpus": 2, "threads": load}))
    assert len({threads.thread_count() for _ in range(3)}) == 1


@pytest.mark.parametrize(
    ("files", "cpus"),
    [
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "max 100000\n"}, 0),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 0),
        ({"cpu.max": "nonsense"}, 0),
        ({}, 0),
    ],
)
def test_the_quota_of_a_container_is_read_from_both_versions_of_cgroups(tmp_path: Path, files, cpus) -> None:
    (tmp_path / "cpu").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    assert threads._quota(tmp_path) == cpus


def test_an_old_run_takes_the_number_that_its_home_has_measured(tmp_path: Path, machine) -> None:
    machine(4, 4)
    assert threads.thread_count_of_old_run(tmp_path) == 4
    (tmp_path / "threads.json").write_text(json.dumps({"cpus": 4, "threads": 1}))
    assert threads.thread_count_of_old_run(tmp_path) == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cpus": null}', '{"cpus": 4, "threads": 9}'])
def test_an_invalid_file_of_an_old_home_is_passed_over(tmp_path: Path, machine, content: str) -> None:
    machine(4, 4)
    (tmp_path / "threads.json").write_text(content)
    assert threads.thread_count_of_old_run(tmp_path) == 4


def test_the_threads_of_the_caller_are_restored() -> None:
    before = torch.get_num_threads()
    with threads.using_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    with threads.using_threads(None):
        assert torch.get_num_threads() == before
    assert torch.get_num_threads() == before
