"""Profiles of a loaded run: the steps that they train, what is kept, and what ends them."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pipeline.errors.base import GenscopeError
from pipeline.graph.workflow import Workflow
from pipeline.inspection import profiling
from pipeline.inspection.profiling import StepProfiler
from pipeline.runs import profiles
from pipeline.runs.profile_records import BETWEEN, Profile
from pipeline.runtime.messages import commands
from pipeline.runtime.messages.commands import Back, Chunk, Pause, Run, SetLive, SetWatching, Start
from tests.engine.conftest import RATE, Bench, breakpoints, recorded, same

Small = Callable[..., Workflow]


def taken(bench: Bench) -> tuple[Profile, ...]:
    """The profiles of the loaded run, the newest first."""
    return profiles.load(bench.run.files)


def profile(bench: Bench, steps: int) -> Profile:
    """Take a profile of a paused run, and return it."""
    bench.ask(commands.Profile, steps=steps)
    bench.go_on()
    return taken(bench)[0]


def test_a_profile_trains_its_steps_and_a_warm_up_and_the_run_equals_one_without_it(
    bench: Bench, small: Small, run: str, home: Path
) -> None:
    made = profile(bench, 4)
    assert (made.first, made.last, made.steps, made.cut) == (22, 25, 4, "")
    assert (bench.snapshot.step, bench.snapshot.state, bench.snapshot.profiling) == (25, "paused", None)
    bench.chunk(5)
    with_profile, losses = bench.weights(), recorded(home, run)["D_loss"]
    other = bench.start(small())
    bench.chunk(30)
    assert same(with_profile, bench.weights())
    assert (recorded(home, other)["D_loss"] == losses).all()
    event = next(each for each in bench.run.store.events(run) if each.kind == "profiled")
    assert (event.text, event.who, event.step) == ("Profiled steps 22 to 25", "Ada", 25)
    print(json.dumps(made.as_dict(), indent=1)[:6000])
