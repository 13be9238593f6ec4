"""What training takes of the machine is measured every few seconds, stands beside what else is measured, and changes
nothing."""

from collections.abc import Callable, Iterator
from math import inf, isnan, nan
from pathlib import Path

import pytest
import torch

from pipeline.engine import run_measurements, system_metrics
from pipeline.engine.system_metrics import SystemMetrics
from pipeline.engine.worker import TrainingWorker
from pipeline.errors.machine import CannotWrite
from pipeline.graph.workflow import Workflow
from pipeline.runs import point_series, stage_times
from pipeline.runs.stage_times import DRAW, StageTime
from pipeline.runs.store import Store
from pipeline.runs.system_series import SYSTEM_NAMES
from pipeline.runtime.messages.commands import Back, Resume, Run, SetWatching
from pipeline.training.stage_clock import StageClock
from tests.engine.conftest import Bench, breakpoints

Small = Callable[..., Workflow]
CPU = torch.device("cpu")


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


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure after every slice."""
    monkeypatch.setattr(system_metrics, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(system_metrics, "SECONDS", 0.0)


def measured(home: Path, run: str, name: str) -> dict[int, float]:
    """The run's measurements, by step."""
    with Store(home) as store:
        found = point_series.read(store, run, [name])
    return dict(zip(found[name].steps.tolist(), found[name].values.tolist(), strict=True)) if found else {}


def trained(bench: Bench, workflow: Workflow, *chunks: int) -> str:
    """A run of which so many steps were trained, chunk by chunk, each of which is one slice at most."""
    run = bench.start(workflow)
    for steps in chunks:
        bench.chunk(steps)
    return run


def test_it_is_due_after_a_second_of_steps_then_every_five_and_at_the_end_after_one() -> None:
    clock = StageClock()
    system = SystemMetrics(clock, CPU, lambda device: {})
    assert not system.due() and not system.due(at_end=True)
    clock.add("a", "loss", 1.0)
    assert system.due()
    system.take()
    clock.add("a", "loss", 4.9)
    assert not system.due() and system.due(at_end=True)
    clock.add("a", "loss", 0.1)
    assert system.due()
    system.forget()
    assert not system.due(at_end=True)


def test_a_measurement_has_the_share_of_data_since_the_last_one_and_what_the_machine_says() -> None:
    clock = StageClock()
    system = SystemMetrics(clock, CPU, lambda device: {"memory_gb": 2.5, "gpu_use": nan})
    clock.add("a", DRAW, 1.0)
    clock.add("a", "loss", 3.0)
    assert system.take() == (StageTime("a", DRAW, 1.0, 1), StageTime("a", "loss", 3.0, 1))
    found = system.newest
    assert (found["data_share"], found["memory_gb"]) == (0.25, 2.5)
    assert isnan(found["gpu_use"]) and isnan(found["cpu_cores"])
    clock.add("a", "loss", 3.0)
    system.take()
    assert system.newest["data_share"] == 0


def test_a_run_records_it_beside_its_samples(bench: Bench, small: Small, home: Path, at_once: None) -> None:
    run = trained(bench, small("samples.every=7"), 3, 4, 6)
    assert {3, 7, 13} <= measured(home, run, "data_share").keys()
    assert measured(home, run, "memory_gb").keys() == measured(home, run, "data_share").keys()
    assert list(measured(home, run, "diversity")) == [0, 7]
    assert all(0 < share < 1 for share in measured(home, run, "data_share").values())
    assert all(cores > 0 for cores in measured(home, run, "cpu_cores").values())
    assert measured(home, run, "gpu_use") == {}


def test_the_times_of_the_stages_are_those_of_the_steps(bench: Bench, small: Small, home: Path, at_once: None) -> None:
    run = trained(bench, small(), 5, 6)
    with Store(home) as store:
        times = {(each.update, each.stage): each for each in stage_times.load(store.files(run))}
    for update, _ in bench.run.trainer.plan:
        for stage in update.operations:
            assert times[update.name, stage.name].times == 11
    spent = sum(each.seconds for each in times.values())
    assert spent == pytest.approx(bench.run.trainer.state.seconds)


def test_a_short_run_has_none_and_reads_as_not_measured(
    bench: Bench, small: Small, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_metrics, "FIRST_SECONDS", inf)
    run = trained(bench, small(), 4)
    assert measured(home, run, "memory_gb") == {}
    assert isnan(bench.run.values["memory_gb"]) and "memory_gb" not in bench.snapshot.metrics


def test_a_replay_records_nothing_and_a_condition_may_use_it(
    bench: Bench, small: Small, home: Path, at_once: None
) -> None:
    run = trained(bench, small(), 6, 6)
    before = {name: measured(home, run, name) for name in SYSTEM_NAMES}
    times = stage_times.load(bench.run.files)
    bench.ask(Back, step=2)
    bench.go_on()
    bench.chunk(9)
    assert bench.snapshot.step == 11
    assert {name: measured(home, run, name) for name in SYSTEM_NAMES} == before
    assert stage_times.load(bench.run.files) == times
    newest = max(step for step in before["memory_gb"] if step <= 11)
    assert bench.run.values["memory_gb"] == before["memory_gb"][newest]
    bench.ask(SetWatching, watching=breakpoints("memory_gb > 0 and step > 12"))
    bench.ask(Run)
    bench.go_on()
    assert bench.snapshot.stop_kind == "breakpoint" and bench.snapshot.step == 13


def test_a_resumed_run_goes_on_counting(bench: Bench, small: Small, home: Path, at_once: None) -> None:
    run = trained(bench, small(), 6)
    assert stage_times.load(bench.run.files)[0].times == 6
    trained(bench, small(), 1)
    bench.ask(Resume, run=run)
    bench.chunk(5)
    assert {6, 11} <= measured(home, run, "memory_gb").keys()
    assert stage_times.load(bench.run.files)[0].times == 11


def test_training_goes_on_if_it_cannot_be_written(
    bench: Bench, small: Small, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*what: object) -> None:
        raise CannotWrite("stage_times.json", "no space left on device")

    monkeypatch.setattr(stage_times, "save", full)
    trained(bench, small(), 5)
    assert (bench.snapshot.state, bench.snapshot.step) == ("paused", 5)


def test_a_gpu_that_is_gone_leaves_a_gap(
    bench: Bench, small: Small, home: Path, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bench.start(small())
    for steps, use in ((3, 0.5), (4, nan)):
        monkeypatch.setattr(bench.run.measurements._system, "_read", lambda device, use=use: {"gpu_use": use})
        bench.chunk(steps)
    found = measured(home, run, "gpu_use")
    assert found[3] == 0.5 and isnan(found[7])


def test_it_changes_nothing_that_is_trained(
    bench: Bench, small: Small, home: Path, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    with_it = trained(bench, small(), 9)
    weights = bench.weights()
    monkeypatch.setattr(run_measurements.RunMeasurements, "_measure_system", lambda self, **when: None)
    without = trained(bench, small(), 9)
    assert all(torch.equal(weights[name], each) for name, each in bench.weights().items())
    assert measured(home, with_it, "memory_gb") and not measured(home, without, "memory_gb")
