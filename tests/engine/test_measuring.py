"""Measurements stand at the step after which they were made, whatever the slices, walks, rewinds and resumes."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.engine import system_metrics
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.worker import TrainingWorker
from pipeline.graph.workflow import Workflow
from pipeline.runs import point_series
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import (
    Back,
    FinishStep,
    NextStage,
    Pause,
    Resume,
    Run,
    RunTo,
    SetProbes,
    UpdateOnly,
)
from tests.engine.conftest import Bench, recorded

Small = Callable[..., Workflow]
EVERY = "samples.every=7"


def measured(home: Path, run: str, name: str = "diversity") -> dict[int, float]:
    """The run's measurements, by step."""
    with Store(home) as store:
        found = point_series.read(store, run, [name])
    return dict(zip(found[name].steps.tolist(), found[name].values.tolist(), strict=True)) if found else {}


def all_measured(home: Path, run: str) -> dict[str, dict[int, float]]:
    return {name: measured(home, run, name) for name in ("diversity", "energy_distance", "D_train", "dead_units")}


@pytest.fixture(scope="module")
def home(shared_home: Path) -> Path:
    """One home and one worker for all tests of this file, so that threads are counted once."""
    return shared_home


@pytest.fixture(scope="module")
def bench(home: Path) -> Iterator[Bench]:
    threads = torch.get_num_threads()
    worker = TrainingWorker(home, publish=lambda snapshot: None)
    yield Bench(worker)
    worker.close()
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def paused(bench: Bench) -> None:
    """A run that is still training cannot be replaced by the next test's."""
    if bench.worker.busy:
        bench.ask(Pause)


@pytest.fixture(scope="module")
def whole(bench: Bench, small: Small) -> str:
    """A run of 30 steps, trained in one go and measured every 7 steps."""
    run = bench.start(small(EVERY))
    bench.chunk(30)
    bench.run.save()
    return run


@pytest.fixture
def loaded(bench: Bench, whole: str) -> str:
    """The same run, resumed."""
    if bench.snapshot.run != whole:
        bench.ask(Resume, run=whole, paused=True)
    return whole


def test_a_measurement_is_made_at_every_interval_from_step_0_on(whole: str, home: Path) -> None:
    assert list(measured(home, whole)) == [0, 7, 14, 21, 28]
    with Store(home) as store:
        assert [step for step, _ in store.files(whole).grids()] == [0, 7, 14, 21, 28]


@pytest.mark.parametrize("chunks", [[1] * 30, [5, 2, 20, 3], [29, 1]])
def test_it_does_not_depend_on_the_lengths_of_slices(
    bench: Bench, small: Small, whole: str, home: Path, chunks: list[int]
) -> None:
    run = bench.start(small(EVERY))
    for steps in chunks:
        bench.chunk(steps)
    assert all_measured(home, run) == all_measured(home, whole)


def test_a_step_that_is_walked_or_probed_is_measured_too(bench: Bench, small: Small, whole: str, home: Path) -> None:
    run = bench.start(small(EVERY))
    bench.chunk(6)
    bench.ask(NextStage)
    bench.ask(FinishStep)
    assert bench.snapshot.step == 7 and bench.snapshot.samples_step == 7
    bench.ask(SetProbes, every=14)
    bench.chunk(23)
    assert all_measured(home, run) == all_measured(home, whole)


def test_the_end_of_a_run_is_measured(bench: Bench, small: Small, whole: str, home: Path) -> None:
    run = bench.start(small(EVERY, "training.total_steps=24"))
    bench.go_on()
    assert bench.snapshot.state == "finished" and bench.snapshot.samples_step == 24
    found = measured(home, run)
    assert list(found) == [0, 7, 14, 21, 24]
    assert bench.snapshot.metrics["diversity"] == found[24]
    # The additional measurement changes neither training nor later measurements.
    bench.ask(Run, steps=6)
    bench.go_on()
    assert measured(home, run).items() >= measured(home, whole).items()
    losses, expected = (recorded(home, each)["D_loss"] for each in (run, whole))
    np.testing.assert_array_equal(losses, expected)


def test_a_finished_run_that_was_just_measured_is_not_measured_again(
    bench: Bench, small: Small, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.start(small(EVERY, "training.total_steps=14"))
    drawn = []
    draw = bench.run.trainer.draw
    monkeypatch.setattr(bench.run.trainer, "draw", lambda *what: drawn.append(bench.run.step) or draw(*what))
    bench.go_on()
    assert drawn == [7, 14]


def test_the_numbers_of_a_run_are_those_of_its_newest_measurement(bench: Bench, small: Small, home: Path) -> None:
    run = bench.start(small(EVERY))
    for step in (1, 6, 7, 8, 13, 14):
        bench.chunk(step - bench.snapshot.step)
        found = measured(home, run)
        assert bench.snapshot.metrics["diversity"] == found[max(found)]
        assert max(found) == step // 7 * 7


def test_a_condition_sees_the_measurement_of_its_own_step(bench: Bench, small: Small, whole: str, home: Path) -> None:
    found = measured(home, whole, "energy_distance")
    bench.start(small(EVERY))
    bench.ask(Run, until=f"abs(energy_distance - {found[14]!r}) < 1e-12")
    bench.go_on()
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (14, "until")
    assert "energy_distance" in bench.snapshot.stopped


def test_a_mean_goes_over_the_newest_measurement_of_each_of_the_last_steps(
    bench: Bench, small: Small, whole: str, home: Path
) -> None:
    found = measured(home, whole)
    carried = np.float32([found[step // 7 * 7] for step in range(1, 31)]).astype(np.float64)
    np.testing.assert_array_equal(recorded(home, whole)["diversity"], carried)
    mean = float(carried[14:24].mean())
    bench.start(small(EVERY))
    bench.chunk(10)
    bench.ask(Run, until=f"step == 24 and abs(mean(diversity, 10) - {mean!r}) < 1e-9")
    bench.ask(Run, steps=30)
    bench.go_on()
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (24, "until")


def test_a_resumed_run_has_the_measurements_of_an_uninterrupted_one(
    bench: Bench, small: Small, whole: str, home: Path
) -> None:
    run = bench.start(small(EVERY))
    for step in (10, 14, 15, 30):
        bench.chunk(step - bench.snapshot.step)
        bench.start(small())
        bench.ask(Resume, run=run, switch=True, paused=True)
        assert bench.snapshot.samples_step == step
    assert all_measured(home, run) == all_measured(home, whole)
    np.testing.assert_array_equal(recorded(home, run)["diversity"], recorded(home, whole)["diversity"])


def test_a_run_resumed_from_an_earlier_checkpoint_measures_the_same_again(
    bench: Bench, small: Small, whole: str, home: Path
) -> None:
    run = bench.start(small(EVERY))
    bench.chunk(10)
    bench.run.save()
    bench.chunk(15)
    with Store(home) as store:
        # As after a crash: step 10 has the last checkpoint, though later steps were recorded.
        assert [step for step, _ in store.files(run).checkpoints()] == [0, 10]
        later = bench.worker.session._debugger
        assert later is not None
        later.run.close()
        bench.worker.session._debugger = None
        bench.ask(Resume, run=run, paused=True)
        assert list(measured(home, run)) == [0, 7]
        # An uninterrupted run has no grid of step 10 either.
        assert [step for step, _ in store.files(run).grids()] == [0, 7]
    assert bench.run.values["diversity"] == measured(home, whole)[7]
    bench.chunk(20)
    assert all_measured(home, run) == all_measured(home, whole)


def test_going_back_recalls_what_was_measured_and_measures_nothing(bench: Bench, loaded: str, home: Path) -> None:
    before = all_measured(home, loaded)
    for step, newest in ((29, 28), (20, 14), (14, 14)):
        bench.ask(Back, step=step)
        bench.go_on()
        assert (bench.snapshot.step, bench.snapshot.samples_step) == (step, step)
        assert bench.run.values["diversity"] == before["diversity"][newest]
    bench.ask(RunTo, step=30)
    bench.go_on()
    assert bench.snapshot.metrics["diversity"] == before["diversity"][28]
    assert all_measured(home, loaded) == before


def test_a_replay_knows_the_measurements_that_were_made_between_intervals(
    bench: Bench, small: Small, home: Path
) -> None:
    run = bench.start(small(EVERY, "training.total_steps=17"))
    bench.go_on()
    found = measured(home, run)
    bench.ask(Back, step=8)
    bench.go_on()
    bench.ask(Run, until=f"abs(diversity - {found[17]!r}) < 1e-12", steps=20)
    bench.go_on()
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (17, "until")


def test_a_branch_begins_with_a_measurement_and_leaves_those_of_its_parent(
    bench: Bench, loaded: str, home: Path
) -> None:
    before = all_measured(home, loaded)
    bench.ask(Back, step=16)
    bench.go_on()
    bench.ask(UpdateOnly, role="generator")
    branch = bench.snapshot.run
    bench.chunk(14)
    assert branch != loaded
    assert list(measured(home, branch)) == [16, 21, 28]
    assert all_measured(home, loaded) == before


def test_measuring_adds_no_database_write_to_a_step(
    bench: Bench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What training takes of the machine is written every few seconds, however many steps they have.
    monkeypatch.setattr(system_metrics, "FIRST_SECONDS", math.inf)
    bench.start(small("samples.every=1000"))
    written = []
    monkeypatch.setattr(point_series, "record", lambda *what: written.append(what))
    bench.chunk(20)
    assert written == []


def test_a_run_without_a_sample_grid_measures_nothing(bench: Bench, small: Small, home: Path) -> None:
    workflow = small("training.total_steps=3")
    nodes = {name: node for name, node in workflow.nodes.items() if name != "samples"}
    run = bench.start(Workflow(workflow.name, nodes))
    bench.go_on()
    assert bench.snapshot.state == "finished"
    assert measured(home, run) == {} and "diversity" not in bench.snapshot.metrics
    assert isinstance(bench.run, ActiveRun) and bench.run.pictures.checkup == ()
