"""Profiles of a loaded run: the steps that they train, what is kept, and what ends them."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.errors.base import GenscopeError
from pipeline.errors.training import StaleCommand
from pipeline.graph.workflow import Workflow
from pipeline.inspection import profiling
from pipeline.inspection.profiling import StepProfiler
from pipeline.runs import profiles
from pipeline.runs.profile_records import BETWEEN, Profile
from pipeline.runtime.messages import commands
from pipeline.runtime.messages.commands import Back, NextStage, Pause, Run, SetLive, SetWatching, Start
from tests.engine.conftest import RATE, Bench, breakpoints, recorded, same

Small = Callable[..., Workflow]


@pytest.fixture
def small(small: Small) -> Small:
    """As everywhere, on one thread: a second one slows such small networks down on a busy machine."""
    return lambda *settings: small("training.threads=1", *settings)


def taken(bench: Bench) -> tuple[Profile, ...]:
    """The profiles of the loaded run, the newest first."""
    return profiles.load(bench.run.files)


def begin(bench: Bench, steps: int) -> None:
    """Begin a profile, and train one slice of it."""
    bench.ask(commands.Profile, steps=steps)
    bench.advance()


def profile(bench: Bench, steps: int) -> Profile:
    """Take a profile of a paused run, and return it."""
    bench.ask(commands.Profile, steps=steps)
    bench.go_on()
    return taken(bench)[0]


def measuring(bench: Bench) -> int:
    """Train until at least one step is measured; return how many are."""
    while True:
        done, _ = bench.snapshot.profiling or (0, 0)
        if done or not bench.worker.busy:
            return done
        bench.worker.advance(lambda: True)


def profiler_listens(bench: Bench) -> bool:
    return isinstance(bench.run.trainer.ranges, StepProfiler)


def test_a_run_that_was_profiled_equals_one_that_was_not(bench: Bench, small: Small, run: str, home: Path) -> None:
    made = profile(bench, 4)
    assert (made.first, made.last, made.steps, made.cut) == (22, 25, 4, "")
    assert (bench.snapshot.step, bench.snapshot.state, bench.snapshot.profiling) == (25, "paused", None)
    bench.chunk(5)
    weights, losses = bench.weights(), recorded(home, run)["D_loss"]
    other = bench.start(small())
    bench.chunk(30)
    assert same(weights, bench.weights())
    assert (recorded(home, other)["D_loss"] == losses).all()


def test_a_profile_has_all_stages_of_a_step_in_their_order_and_they_add_up_to_the_steps(bench: Bench, run: str) -> None:
    found = profile(bench, 3).tables
    plan = [(update.name, name) for update in bench.snapshot.plan for name, _ in update.stages]
    assert [(each.update, each.stage) for each in found.stages] == [*plan, (BETWEEN, BETWEEN)]
    assert all(each.calls == 3 and 0 <= each.own <= each.total for each in found.stages)
    assert sum(each.total for each in found.stages) == pytest.approx(found.milliseconds)
    assert sum(each.share for each in found.stages) == pytest.approx(1)
    # Every operator runs in a thread of the step itself, so their own times are the time that stages spend in them.
    inside = sum(each.own for each in found.operators)
    assert inside == pytest.approx(sum(each.total - each.own for each in found.stages), rel=1e-6)
    assert {"aten::addmm", "aten::mm"} <= {each.name for each in found.operators}
    assert not found.on_device


def test_it_says_in_the_events_which_steps_were_profiled_and_by_whom(bench: Bench, run: str) -> None:
    profile(bench, 1)
    event = next(each for each in bench.run.store.events(run) if each.kind == "profiled")
    assert (event.text, event.who, event.step) == ("Profiled step 22", "Ada", 22)


def test_a_run_that_trains_is_profiled_and_goes_on_training(bench: Bench, run: str) -> None:
    bench.ask(Run, who="Bob")
    begin(bench, 2)
    assert bench.snapshot.state == "running"
    while bench.snapshot.profiling:
        bench.advance()
    assert bench.snapshot.state == "running" and taken(bench)[0].steps == 2
    assert not profiler_listens(bench)


def test_pause_keeps_what_is_measured_by_then(bench: Bench, run: str) -> None:
    bench.ask(commands.Profile, steps=100)
    done = measuring(bench)
    bench.ask(Pause)
    assert bench.snapshot.state == "paused" and not profiler_listens(bench)
    (kept,) = taken(bench)
    assert kept.steps == done < 100
    assert kept.cut == f"Training ended after {done} of 100 measured steps."


def test_a_profile_that_is_stopped_in_its_warm_up_leaves_nothing(bench: Bench, run: str) -> None:
    bench.ask(commands.Profile, steps=5)
    bench.ask(Pause)
    assert taken(bench) == () and not profiler_listens(bench) and bench.snapshot.stopped == ""


def test_a_breakpoint_ends_it(bench: Bench, run: str) -> None:
    bench.ask(SetWatching, watching=breakpoints("step == 24"))
    assert profile(bench, 10).last == 24
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (24, "breakpoint")


def test_back_ends_it_and_a_profile_of_a_replay_records_nothing_new(bench: Bench, run: str, home: Path) -> None:
    bench.ask(commands.Profile, steps=100)
    measuring(bench)
    head = bench.snapshot.step
    bench.ask(Back, step=5)
    bench.go_on()
    assert bench.snapshot.step == 5 and taken(bench)[0].last == head
    assert profile(bench, 3).last == 9
    assert bench.snapshot.head == head and len(recorded(home, run)["D_loss"]) == head


def test_a_change_of_a_rewound_run_forks_it_without_its_profile(bench: Bench, run: str) -> None:
    bench.chunk(60)
    bench.ask(Back, step=5)
    bench.go_on()
    begin(bench, 40)
    bench.ask(SetLive, **RATE, value=0.01)
    assert bench.snapshot.run != run and bench.snapshot.profiling is None and not profiler_listens(bench)


def test_a_new_run_ends_it(bench: Bench, small: Small, run: str) -> None:
    bench.ask(commands.Profile, steps=100)
    done = measuring(bench)
    files = bench.run.files
    bench.ask(Start, workflow=bench.run.record.workflow_text, switch=True)
    assert profiles.load(files)[0].steps == done
    bench.ask(Pause)
    assert bench.snapshot.profiling is None and profile(bench, 1).steps == 1


def test_a_run_that_fails_ends_it(bench: Bench, run: str) -> None:
    begin(bench, 100)
    hook = bench.run.trainer.state.networks["discriminator"].register_forward_pre_hook(lambda *_: 1 / 0)
    bench.go_on()
    assert bench.snapshot.state == "failed" and taken(bench) == () and not profiler_listens(bench)
    hook.remove()


def test_a_half_walked_step_is_finished_first(bench: Bench, run: str) -> None:
    bench.ask(NextStage)
    assert profile(bench, 2).first == 23


def test_a_profile_past_the_planned_end_moves_it_as_a_chunk_does(bench: Bench, small: Small) -> None:
    bench.start(small("training.total_steps=3"))
    bench.go_on()
    assert bench.snapshot.state == "finished"
    assert profile(bench, 2).last == 6
    assert (bench.snapshot.state, bench.snapshot.total_steps) == ("finished", 6)


def test_a_run_that_reaches_its_end_keeps_what_is_measured_by_then(bench: Bench, small: Small) -> None:
    bench.start(small("training.total_steps=4"))
    bench.ask(commands.Profile, steps=50)
    bench.go_on()
    assert bench.snapshot.state == "finished" and taken(bench)[0].last == 4


@pytest.mark.parametrize("steps", [0, -1, 101])
def test_a_number_of_steps_out_of_range_is_refused(bench: Bench, run: str, steps: int) -> None:
    with pytest.raises(GenscopeError, match="A profile measures 1 to 100 steps"):
        bench.ask(commands.Profile, steps=steps)
    assert bench.snapshot.state == "paused"


def test_a_second_profile_at_once_is_refused(bench: Bench, run: str) -> None:
    bench.ask(commands.Profile, steps=50)
    with pytest.raises(GenscopeError, match="being taken already"):
        bench.ask(commands.Profile, steps=5)


def test_a_profile_on_the_way_back_is_refused(bench: Bench, run: str) -> None:
    # Without snapshots the way begins at the checkpoint of step 0.
    bench.run.rewind.set_budget(0)
    bench.ask(Back, step=5)
    with pytest.raises(StaleCommand, match="Ada moves the run to a step"):
        bench.ask(commands.Profile, steps=5)


def test_a_profile_whose_trace_would_be_too_large_has_fewer_steps(
    bench: Bench, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiling, "MOST_EVENTS", 2000)
    made = profile(bench, 50)
    assert 1 <= made.steps < 50
    assert made.cut.startswith(f"Measured {made.steps} step") and "a trace may have 2,000" in made.cut
    assert bench.snapshot.step == 71, "the rest of the chunk is trained"


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_trace_that_the_disk_does_not_take_stops_the_run_with_the_reason_and_keeps_older_ones(
    bench: Bench, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile(bench, 1)
    write = StepProfiler.write

    def write_on_full_disk(profiler: StepProfiler, path: Path) -> None:
        with files_of_at_most(4096):
            write(profiler, path)

    monkeypatch.setattr(StepProfiler, "write", write_on_full_disk)
    bench.ask(commands.Profile, steps=3)
    bench.go_on()
    assert bench.snapshot.state == "paused"
    assert "only a part of the trace was written, as on a full disk. Free some space" in bench.snapshot.stopped
    assert [each.last for each in taken(bench)] == [22]
    assert sorted(path.name for path in profiles.folder_of(bench.run.files).iterdir()) == [
        "step-000000022.json",
        "step-000000022.json.gz",
    ]
    monkeypatch.undo()
    assert profile(bench, 1).steps == 1
