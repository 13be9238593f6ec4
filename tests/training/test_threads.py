"""The thread count is measured once per machine and stored."""

import json

import pytest
import torch

from pipeline.errors.machine import CannotWrite
from pipeline.training import threads


def test_the_count_is_valid_and_stored_with_the_number_of_cpus(tmp_path):
    count = threads.best_thread_count(tmp_path / "home")
    assert 1 <= count <= threads.available_cpus()
    remembered = json.loads((tmp_path / "home" / "threads.json").read_text())
    assert remembered == {"cpus": threads.available_cpus(), "threads": count}


def test_a_stored_count_is_used_without_measuring(tmp_path, monkeypatch):
    (tmp_path / "threads.json").write_text(json.dumps({"cpus": threads.available_cpus(), "threads": 1}))
    monkeypatch.setattr(threads, "measure", None)
    assert threads.best_thread_count(tmp_path) == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cpus": null}', '{"cpus": 9999, "threads": 9999}'])
def test_an_invalid_file_or_one_of_another_machine_is_measured_again(tmp_path, monkeypatch, content):
    monkeypatch.setattr(threads, "SECONDS", 0.02)
    (tmp_path / "threads.json").write_text(content)
    assert threads.best_thread_count(tmp_path) <= threads.available_cpus()
    assert json.loads((tmp_path / "threads.json").read_text())["cpus"] == threads.available_cpus()


def test_a_home_that_cannot_be_written_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(threads, "SECONDS", 0.02)
    (tmp_path / "home").write_text("a file where a folder should be")
    with pytest.raises(CannotWrite):
        threads.best_thread_count(tmp_path / "home")


def test_measuring_restores_threads_and_random_numbers(monkeypatch):
    monkeypatch.setattr(threads, "SECONDS", 0.02)
    before, random = torch.get_num_threads(), torch.get_rng_state()
    threads.measure((1, 2))
    assert torch.get_num_threads() == before
    assert torch.equal(torch.get_rng_state(), random)


def test_candidates_are_the_powers_of_two_and_all_cpus():
    assert threads.candidates(1) == (1,)
    assert threads.candidates(2) == (1, 2)
    assert threads.candidates(6) == (1, 2, 4, 6)
    assert threads.candidates(8) == (1, 2, 4, 8)
