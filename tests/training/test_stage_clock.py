"""The clock of the stages, compared with counters that advance by known amounts."""

from itertools import count

import pytest

from pipeline.runs.stage_times import DRAW, WAIT, StageTime
from pipeline.training import stage_clock
from pipeline.training import trainer as training
from pipeline.training.stage_clock import StageClock
from pipeline.training.trainer import Trainer


@pytest.fixture
def seconds(monkeypatch):
    """A counter that is one second later each time that it is read: whatever is timed once takes one second."""
    counter = count(1.0)
    monkeypatch.setattr(training, "perf_counter", lambda: next(counter))


def test_each_stage_is_counted_as_often_as_it_ran_and_as_long_as_it_took(make_experiment, seconds):
    trainer = Trainer.fresh(make_experiment())
    stages = [(update.name, stage.name) for update, times in trainer.plan for stage in update.operations * times]
    trainer.slice(3, seconds=1e9)
    counted = {(each.update, each.stage): each for each in trainer.clock.take()}
    for update, stage in stages:
        times = 3 * stages.count((update, stage))
        assert counted.pop((update, stage), None) in (StageTime(update, stage, times, times), None)
    assert counted == {("", WAIT): StageTime("", WAIT, 1, 1)}
    assert any(stage == DRAW for _, stage in stages)


def test_the_clock_counts_the_seconds_of_training(make_experiment, seconds):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(2, seconds=1e9)
    assert trainer.clock.seconds == trainer.state.seconds == sum(each.seconds for each in trainer.clock.take())


def test_a_walk_is_counted_stage_by_stage(make_experiment, seconds):
    trainer = Trainer.fresh(make_experiment())
    first = next(trainer.stages())
    assert trainer.clock.take() == (StageTime(first.update, first.name, 1, 1),)


def test_what_was_taken_is_not_counted_again():
    clock = StageClock()
    clock.add("", "a", 2.0)
    assert (clock.seconds, clock.take(), clock.seconds, clock.take()) == (2.0, (StageTime("", "a", 2.0, 1),), 0.0, ())


def test_the_cores_in_use_are_cpu_seconds_per_second_of_the_slices(monkeypatch):
    wall, cpu = iter([0.0, 2.0, 100.0, 102.0, 200.0]), iter([0.0, 3.0, 50.0, 54.0, 60.0])
    monkeypatch.setattr(stage_clock, "perf_counter", lambda: next(wall))
    monkeypatch.setattr(stage_clock, "process_time", lambda: next(cpu))
    clock = StageClock()
    for _ in range(2):
        clock.begin()
        clock.end()
    # A slice that fails does not end.
    clock.begin()
    assert clock.cpu_cores == (3 + 4) / (2 + 2)
    clock.take()
    assert clock.cpu_cores != clock.cpu_cores
