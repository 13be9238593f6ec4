"""A home that cannot be written pauses the run with the reason, and nothing is lost: Run goes on once it can be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.engine.worker import TrainingWorker
from pipeline.errors.machine import CannotWrite
from pipeline.graph.workflow import Workflow
from pipeline.runs import checkpoints, metrics, point_series, probes
from pipeline.runs.files import RunFiles
from pipeline.runs.store import Store
from pipeline.runs.system_series import OF_THE_MACHINE
from pipeline.runtime.messages.commands import Chunk, NextStage, Pause, Resume, Run, SaveCheckpoint, SetProbes
from pipeline.training import checkpoint
from tests.engine.conftest import Bench, recorded, same
from tests.small_disk import SmallDisk, small_disk

Small = Callable[..., Workflow]
QUICK = ("data.dataset=digits", "generator.image_size=8", "training.threads=1", "samples.every=5")
FULL = CannotWrite("/home/x", "no space left on device")


def everything(home: Path, run: str) -> dict[str, Any]:
    """All that is recorded of a run, without what it took of the machine: metrics, measurements with their steps,
    grids, probes."""
    found: dict[str, Any] = {name: each for name, each in recorded(home, run).items() if name not in OF_THE_MACHINE}
    with Store(home) as store:
        names = [name for name in metrics.names(store, run) if name not in OF_THE_MACHINE]
        measured = point_series.read(store, run, names)
        found |= {f"{name} at": each.steps for name, each in measured.items()}
        found |= {name: each.values for name, each in measured.items()}
        files = store.files(run)
    found["grids"] = np.array([step for step, _ in files.grids()])
    found["probes"] = np.array(probes.steps(files))
    return found


def equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name], True) for name in one)


def begun(bench: Bench, small: Small) -> str:
    """A run at step 12 with probes at every fourth step."""
    run = bench.start(small(*QUICK))
    bench.ask(Pause)
    bench.ask(SetProbes, every=4)
    bench.chunk(12)
    bench.ask(SaveCheckpoint)
    return run


@pytest.fixture(scope="module")
def whole(small: Small, shared_home: Path) -> tuple[dict[str, Any], Any]:
    """What a run of 30 steps records that could always be written, and its weights."""
    with bench_in(shared_home) as bench:
        run = begun(bench, small)
        bench.chunk(18)
        return everything(shared_home, run), bench.weights()


@contextmanager
def bench_in(home: Path) -> Iterator[Bench]:
    threads = torch.get_num_threads()
    worker = TrainingWorker(home, publish=lambda snapshot: None)
    try:
        yield Bench(worker)
    finally:
        worker.close()
        torch.set_num_threads(threads)


PLACES = [
    (metrics, "append"),
    (point_series, "record"),
    (RunFiles, "save_grid"),
    (probes, "save"),
    (checkpoint, "save"),
    (Store, "update"),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[1])
def test_whatever_cannot_be_written_pauses_the_run_and_is_written_when_it_goes_on(
    bench: Bench, small: Small, home: Path, whole: tuple[dict[str, Any], Any], place: tuple[object, str]
) -> None:
    run, of_kept = begun(bench, small), 12
    with pytest.MonkeyPatch.context() as full:

        def fails(*_: object, **__: object) -> None:
            raise FULL

        full.setattr(*place, fails)
        # A checkpoint is due at once, so that it is tried too.
        full.setattr("pipeline.engine.run_checkpoints.RunCheckpoints.due", lambda *_: True)
        for _ in range(2):
            try:
                bench.ask(Chunk, steps=18)
                bench.go_on()
            except CannotWrite:
                # Refused: what could not be written comes first.
                pass
            assert (bench.snapshot.state, bench.snapshot.stop_kind) == ("paused", "cannot write")
            assert bench.snapshot.stopped.startswith(f"Paused at step {bench.snapshot.step}. /home/x cannot be")
            assert bench.snapshot.stopped.endswith("another folder. Then press Run: nothing is lost.")
    kept = bench.run.files.checkpoint_folder(of_kept)
    assert checkpoints.fault(kept) == ""
    bench.ask(Chunk, steps=30 - bench.snapshot.step)
    bench.go_on()
    assert (bench.snapshot.step, bench.snapshot.state, bench.snapshot.stop_kind) == (30, "paused", "")
    assert equal(everything(home, run), whole[0]) and same(bench.weights(), whole[1])


def test_a_walk_keeps_what_it_could_not_write_too(
    bench: Bench, small: Small, home: Path, whole: tuple[dict[str, Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(bench, small)
    stages = sum(count * len(update.operations) for update, count in bench.run.trainer.plan)
    bench.chunk(2)
    append = metrics.append
    monkeypatch.setattr(metrics, "append", raising(FULL))
    for _ in range(stages - 1):
        bench.ask(NextStage)
    for _ in range(2):
        with pytest.raises(CannotWrite):
            bench.ask(NextStage)
    assert bench.snapshot.step == 15
    monkeypatch.setattr(metrics, "append", append)
    bench.chunk(15)
    assert equal(everything(home, run), whole[0]) and same(bench.weights(), whole[1])


def test_a_checkpoint_is_not_saved_before_the_steps_that_it_stands_after(
    bench: Bench, small: Small, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(bench, small)
    monkeypatch.setattr(metrics, "append", raising(FULL))
    bench.ask(Chunk, steps=3)
    bench.go_on()
    with pytest.raises(CannotWrite):
        bench.ask(SaveCheckpoint)
    assert [step for step, _ in bench.run.files.checkpoints()] == [0, 12]


def test_a_pause_that_cannot_be_saved_pauses_nevertheless(
    bench: Bench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.start(small(*QUICK))
    bench.advance()
    monkeypatch.setattr(checkpoint, "save", raising(FULL))
    bench.ask(Pause)
    assert (bench.snapshot.state, bench.snapshot.stop_kind) == ("paused", "cannot write")


@pytest.mark.parametrize("full", [False, True])
def test_an_engine_that_ends_shows_no_run_once_it_is_saved_and_otherwise_says_why_not(
    home: Path, small: Small, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], full: bool
) -> None:
    worker = TrainingWorker(home, publish=lambda snapshot: None)
    run = Bench(worker).start(small(*QUICK))
    worker.advance(lambda: False)
    if full:
        monkeypatch.setattr(checkpoint, "save", raising(FULL))
    worker.close()
    last, said = worker.snapshot, capsys.readouterr().err
    if full:
        assert last.run == run and str(FULL) in said
        assert last.trouble == f"it could not save its run: {str(FULL).removesuffix('.')}"
    else:
        assert (last.run, last.state, last.trouble, said) == ("", "idle", "", "")


def test_a_last_step_that_could_not_be_saved_is_saved_by_run(bench: Bench, small: Small, home: Path) -> None:
    run = bench.start(small(*QUICK, "training.total_steps=20"))
    with pytest.MonkeyPatch.context() as full:
        full.setattr(checkpoint, "save", raising(FULL))
        bench.go_on()
        assert (bench.snapshot.state, bench.snapshot.step) == ("paused", 20)
    bench.ask(Run)
    bench.go_on()
    assert (bench.snapshot.state, bench.run.files.checkpoints()[-1][0]) == ("finished", 20)
    assert everything(home, run)["diversity at"].tolist() == [0, 5, 10, 15, 20]


def test_a_resume_that_cannot_be_recorded_leaves_the_run_as_it_was(bench: Bench, small: Small) -> None:
    run = begun(bench, small)
    session = bench.worker.session
    session.release_run("")
    with pytest.MonkeyPatch.context() as full:
        full.setattr(metrics, "truncate", raising(FULL))
        with pytest.raises(CannotWrite):
            bench.ask(Resume, run=run)
    assert session.store.run(run).state == "paused"
    bench.ask(Resume, run=run)
    assert bench.snapshot.state == "running"


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as disk:
        print(f"The disk is {disk.kind}.")
        monkeypatch.setenv("GENSCOPE_HOME", str(disk.folder))
        monkeypatch.delenv("GENSCOPE_DATABASE_URL", raising=False)
        yield disk


def test_a_disk_that_is_full_pauses_the_run_until_it_has_room(disk: SmallDisk, small: Small) -> None:
    settings = (*QUICK[:-1], "samples.every=50")
    with bench_in(disk.folder) as bench:
        whole = bench.start(small(*settings))
        bench.chunk(160)
        weights = bench.weights()
        run = bench.start(small(*settings))
        bench.chunk(12)
        bench.ask(SaveCheckpoint)
        disk.fill()
        bench.ask(Chunk, steps=148)
        bench.go_on()
        if not bench.snapshot.stop_kind:
            # The metrics still had room; a checkpoint has none.
            with pytest.raises(CannotWrite):
                bench.ask(SaveCheckpoint)
        else:
            assert bench.snapshot.stop_kind == "cannot write" and "cannot be written: " in bench.snapshot.stopped
        assert checkpoints.fault(bench.run.files.checkpoint_folder(12)) == ""
        disk.free()
        if bench.snapshot.step < 160:
            bench.ask(Chunk, steps=160 - bench.snapshot.step)
            bench.go_on()
        bench.ask(SaveCheckpoint)
        assert bench.snapshot.step == 160 and not bench.snapshot.stop_kind
        assert equal(everything(disk.folder, run), everything(disk.folder, whole)) and same(bench.weights(), weights)


def raising(error: BaseException) -> Callable[..., None]:
    def fails(*_: object, **__: object) -> None:
        raise error

    return fails
