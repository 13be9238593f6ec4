"""The number of CPU threads is a part of a run: recorded, kept when it goes on, and fixed by a parameter."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.commands import Back, Fork, Resume, UpdateOnly
from pipeline.training.threads import available_cpus, thread_count
from tests.engine.conftest import Bench

Small = Callable[..., Workflow]


def record(bench: Bench) -> RunRecord:
    return bench.worker.session.store.run(bench.snapshot.run)


def test_a_run_records_the_number_that_the_machine_chooses_or_the_one_that_is_fixed(bench: Bench, small: Small) -> None:
    (bench.worker.session.store.home / "threads.json").write_text(json.dumps({"cpus": available_cpus(), "threads": 7}))
    bench.start(small())
    assert record(bench).threads == torch.get_num_threads() == thread_count()
    bench.start(small("training.threads=3"), switch=True)
    assert record(bench).threads == torch.get_num_threads() == bench.run.trainer.state.threads == 3
    started = bench.worker.session.store.events(bench.snapshot.run)[0].text
    assert started.startswith("Started on cpu with 3 CPU threads")


def test_a_resumed_run_and_its_branch_and_fork_keep_their_number(bench: Bench, small: Small) -> None:
    run = bench.start(small("training.threads=3"))
    bench.chunk(4)
    other = bench.start(small("training.threads=1"), switch=True)
    assert torch.get_num_threads() == 1
    bench.ask(Resume, run=run, paused=True, switch=True)
    assert (record(bench).threads, torch.get_num_threads()) == (3, 3)
    bench.ask(Back, step=2)
    bench.go_on()
    bench.ask(UpdateOnly, role="generator")
    assert bench.snapshot.run not in (run, other)
    assert record(bench).threads == 3
    bench.ask(Fork, workflow=document.write(small()))
    assert (record(bench).threads, torch.get_num_threads()) == (3, 3)
    bench.ask(Fork, workflow=document.write(small("training.threads=2")), switch=True)
    assert (record(bench).threads, torch.get_num_threads()) == (2, 2)


def test_a_number_beyond_the_cpus_of_this_machine_is_kept_and_said(
    bench: Bench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bench.start(small("training.threads=3"))
    bench.worker.session.release_run("")
    monkeypatch.setattr("pipeline.engine.run_threads.available_cpus", lambda: 2)
    bench.ask(Resume, run=run, paused=True)
    assert record(bench).threads == torch.get_num_threads() == 3
    assert bench.worker.session.store.events(run)[-1].text.startswith(
        "Resumed at step 0 on cpu with 3 CPU threads (this machine has 2 CPUs; the number stays, because results "
        "depend on it). "
    )


def test_an_old_run_keeps_the_number_of_its_checkpoint(bench: Bench, small: Small, home: Path) -> None:
    run = bench.start(small("training.threads=3"))
    bench.worker.session.release_run("")
    database = bench.worker.session.store.database
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET threads = NULL")
    (home / "threads.json").write_text(json.dumps({"cpus": available_cpus(), "threads": 1}))
    bench.ask(Resume, run=run, paused=True)
    assert record(bench).threads == torch.get_num_threads() == 3
