"""Whatever fails, of whatever type, is a failed run or a refused command with the node's title; the engine goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pipeline.engine import debugger, launching, run_pictures
from pipeline.engine.active_run import ActiveRun
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import NodeFailure
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.inspection.checkup import SampleCheckup
from pipeline.inspection.walk import Walk
from pipeline.runs import watching
from pipeline.runs.lock import holder
from pipeline.runtime.messages.commands import (
    Back,
    Chunk,
    Command,
    FinishStep,
    Fork,
    LookInside,
    NextStage,
    Pause,
    Resume,
    SaveCheckpoint,
    SetProbes,
    UpdateOnly,
)
from pipeline.training.sampler import Sampler
from pipeline.training.trainer import Trainer
from tests.engine.conftest import Bench, breakpoints

Small = Callable[..., Workflow]


class OwnError(BaseException):
    """An exception of a custom node, whose message cannot be read."""

    def __str__(self) -> str:
        raise ValueError("no message")


ODD = (RuntimeError("two\nlines"), KeyError("scores"), MemoryError(), OwnError(), SystemExit(3), StopIteration())
SAID = ("two", "KeyError: 'scores'", "memory is full", "OwnError", "SystemExit: 3", "StopIteration")

TITLES = {"training": "Training (training) failed to ", "samples": "Samples (samples) failed to "}


def named(value: object) -> str:
    """A test's name for a parameter."""
    if isinstance(value, tuple):
        return f"{value[0].__name__.rpartition('.')[2]}.{value[1]}" if isinstance(value[1], str) else value[0].__name__
    return value.__name__ if isinstance(value, type) else type(value).__name__ if value in ODD else str(value)


@contextmanager
def broken(owner: object, name: str, error: BaseException) -> Iterator[None]:
    """Inside, every call of this function raises `error`."""

    def fails(*_: object, **__: object) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, fails)
        yield


def failed_whole(bench: Bench, run: str, said: str) -> None:
    """Assert that the run failed, is shown as failed with its node and the reason, and is not held by anyone."""
    store, snapshot = bench.worker.session.store, bench.snapshot
    record = store.run(run)
    node = record.error_node
    assert (record.state, record.error) == ("failed", snapshot.error)
    assert record.error.startswith(TITLES[node]) and said in record.error
    assert (snapshot.state, snapshot.run, snapshot.active, snapshot.doing) == ("failed", run, node, "")
    assert store.events(run)[-1].kind == "failed"
    assert holder(store.files(run)) is None


BUILDING = (
    (launching, "assemble"), (Trainer, "fresh"), (SampleCheckup, "__init__"), (SampleCheckup, "measure"),
    (run_pictures, "grid_png"), (debugger, "Walk"),
)  # fmt: skip


@pytest.mark.parametrize(("place", "odd", "said"), [*zip(BUILDING, ODD, SAID, strict=True)], ids=named)
def test_a_run_that_fails_while_it_is_prepared_leaves_nothing_behind(
    bench: Bench, small: Small, place: tuple[object, str], odd: Exception, said: str
) -> None:
    with broken(*place, odd), pytest.raises(NodeFailure):
        bench.start(small())
    failed_whole(bench, bench.worker.session.store.recent(1)[0].id, said)
    bench.start(small())
    assert (bench.snapshot.state, bench.snapshot.error, bench.snapshot.active) == ("running", "", "")


@pytest.mark.parametrize("kind", [Resume, Fork])
def test_a_resume_or_fork_that_fails_leaves_nothing_behind(
    bench: Bench, run: str, small: Small, kind: type[Command[Any]]
) -> None:
    bench.worker.session.release_run("")
    part = "build" if kind is Resume else "carry_over"
    with broken(launching, part, KeyError("scores")), pytest.raises(NodeFailure):
        bench.ask(kind, run=run, **({} if kind is Resume else {"workflow": document.write(small())}))
    newest = bench.worker.session.store.recent(1)[0].id
    assert (newest == run) == (kind is Resume)
    failed_whole(bench, newest, "KeyError: 'scores'")


def test_a_ctrl_c_while_a_run_is_prepared_fails_it_and_releases_its_lock(bench: Bench, small: Small) -> None:
    with broken(launching, "assemble", KeyboardInterrupt()), pytest.raises(GenscopeError):
        bench.start(small())
    store = bench.worker.session.store
    record = store.recent(1)[0]
    assert (record.state, record.error) == ("failed", "Interrupted while the run was being prepared.")
    assert holder(store.files(record.id)) is None
    assert bench.snapshot.state in ("idle", "failed") and bench.snapshot.doing == ""


def test_a_resumed_run_that_cannot_go_on_is_paused_and_not_being_prepared_for_ever(bench: Bench, run: str) -> None:
    bench.run.extend(0)
    bench.worker.session.release_run("")
    with pytest.raises(GenscopeError, match="The run has reached its 20 steps"):
        bench.ask(Resume, run=run)
    assert (bench.snapshot.state, bench.snapshot.doing) == ("paused", "")


WHILE_TRAINING = (
    (Trainer, "slice"), (SampleCheckup, "measure"), (run_pictures, "grid_png"), (run_pictures, "probed_step"),
    (ActiveRun, "record_steps"), (debugger.Debugger, "_stops"),
)  # fmt: skip


@pytest.mark.parametrize(("place", "odd", "said"), [*zip(WHILE_TRAINING, ODD, SAID, strict=True)], ids=named)
def test_a_run_that_fails_while_it_trains_is_a_failed_run_and_the_next_one_starts(
    bench: Bench, run: str, small: Small, place: tuple[object, str], odd: Exception, said: str
) -> None:
    bench.worker.session.debugger("The test").conditions.set_watching(breakpoints("D_loss > 1e9"))
    if place[1] == "probed_step":
        bench.ask(SetProbes, every=1)
    with broken(*place, odd):
        bench.ask(Chunk, steps=40)
        bench.go_on()
        assert bench.snapshot.state == "failed"
        assert bench.snapshot.error.startswith(TITLES[bench.snapshot.active])
        assert said in bench.snapshot.error
        record = bench.worker.session.store.run(run)
        assert (record.state, record.error) == ("failed", bench.snapshot.error)
    bench.start(small())
    assert holder(bench.worker.session.store.files(run)) is None
    bench.advance()
    assert bench.snapshot.state == "running"


Action = tuple[type[Command[Any]], dict[str, Any], object, str, bool]
ACTIONS: tuple[Action, ...] = (
    # The command, the function that fails in it, and whether the run goes on afterwards.
    (NextStage, {}, Walk, "next", True),
    (FinishStep, {}, Walk, "next", True),
    (UpdateOnly, {"role": "generator"}, Trainer, "_update", True),
    (LookInside, {"what": "activations", "role": "generator", "source": "fake", "index": 1}, Sampler, "latents", True),
    (SaveCheckpoint, {}, ActiveRun, "save", False),
    (Back, {"step": 5}, Trainer, "restore", False),
)


@pytest.mark.parametrize(("action", "odd", "said"), [*zip(ACTIONS, ODD, SAID, strict=True)], ids=named)
def test_a_command_that_fails_is_refused_with_its_node_and_the_engine_answers_the_next_one(
    bench: Bench, run: str, action: Action, odd: BaseException, said: str
) -> None:
    command, fields, owner, name, goes_on = action
    if command is FinishStep:
        bench.ask(NextStage)
    with broken(owner, name, odd), pytest.raises(NodeFailure, match=r"^\w[\w ]* \(\w+\) failed to ") as refused:
        bench.ask(command, **fields)
    assert said in str(refused.value)
    if goes_on:
        assert bench.snapshot.state == "paused"
        bench.chunk(2)
        assert (bench.snapshot.state, bench.snapshot.error) == ("paused", "")
    else:
        assert (bench.snapshot.state, bench.snapshot.error) == ("failed", str(refused.value))
        bench.ask(Resume, run=run)
        bench.advance()
        assert bench.snapshot.state == "running"


def test_a_grid_that_fails_at_the_end_of_back_stops_the_run(bench: Bench, run: str) -> None:
    with broken(Trainer, "draw", RuntimeError("too wide")):
        bench.ask(Back, step=7)
        # A snapshot of step 7 is there at once; without one, the replay is on its way.
        if bench.worker.busy:
            bench.ask(Pause)
    assert bench.snapshot.state == "failed" and "too wide" in bench.snapshot.error
    assert bench.worker.session.store.run(run).state == "failed"


def test_a_branch_that_fails_leaves_the_run_as_it_was(bench: Bench, run: str) -> None:
    bench.ask(Back, step=7)
    bench.go_on()
    with broken(watching, "save", RuntimeError("too wide")), pytest.raises(NodeFailure, match="too wide"):
        bench.ask(UpdateOnly, role="generator")
    store = bench.worker.session.store
    branched = store.recent(1)[0]
    assert (branched.parent, branched.state, holder(store.files(branched.id))) == (run, "failed", None)
    assert (bench.snapshot.state, bench.snapshot.run) == ("paused", run)
    bench.ask(UpdateOnly, role="generator")
    assert bench.snapshot.run not in (run, branched.id)
