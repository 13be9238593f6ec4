"""A StepProfiler listens to a trainer: what its trace holds, and that training is bit-identical and undisturbed."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from pipeline.inspection.profiling import StepProfiler
from pipeline.inspection.stage_ranges import NvtxRanges, ranges_of_tools, stage_label
from pipeline.training.state import Captured
from pipeline.training.trainer import Trainer
from tests.training.conftest import MakeExperiment

STEPS = 3


Profiled = tuple[Trainer, StepProfiler, dict[str, Any]]


@pytest.fixture
def trainer(make_experiment: MakeExperiment) -> Trainer:
    return Trainer.fresh(make_experiment())


@pytest.fixture
def profiled(trainer: Trainer, tmp_path: Path) -> Profiled:
    """A trainer after six steps of which three were profiled, its profiler, and the trace."""
    profiler = StepProfiler(trainer, STEPS)
    trainer.slice(6, seconds=60)
    profiler.stop()
    profiler.write(tmp_path / "trace.json")
    return trainer, profiler, json.loads((tmp_path / "trace.json").read_text())


def timed(trace: dict[str, Any], kind: str = "") -> list[dict[str, Any]]:
    """The events with a duration, of this kind or all."""
    return [each for each in trace["traceEvents"] if each["ph"] == "X" and kind in ("", each.get("cat"))]


def test_a_profiled_trainer_is_bit_identical_to_one_that_is_not(
    profiled: Profiled, make_experiment: MakeExperiment, same_bits: Callable[[Captured, Captured], None]
) -> None:
    trainer, profiler, _ = profiled
    plain = Trainer.fresh(make_experiment())
    plain.slice(6, seconds=60)
    same_bits(trainer.capture(), plain.capture())
    assert trainer.ranges is None and profiler.ended


def test_the_first_step_warms_up_and_the_next_ones_are_measured(profiled: Profiled) -> None:
    _, profiler, trace = profiled
    steps = [each["name"] for each in timed(trace, "user_annotation") if each["name"].startswith("ProfilerStep#")]
    assert steps == [f"ProfilerStep#{number}" for number in (2, 3, 4)]
    assert (profiler.first, profiler.measured, profiler.cut) == (2, 3, "")


def test_every_stage_of_every_step_is_a_range_inside_its_step(profiled: Profiled) -> None:
    trainer, profiler, trace = profiled
    planned = [stage_label(update.name, each.name) for update, _ in trainer.plan for each in update.operations]
    assert list(profiler.stages) == planned
    ranges = sorted(timed(trace, "user_annotation"), key=lambda each: each["ts"])
    assert [each["name"] for each in ranges if each["name"] in planned] == planned * STEPS
    steps = [each for each in ranges if each["name"].startswith("ProfilerStep#")]
    for each in ranges:
        if each["name"] in planned:
            assert any(inside(each, step) for step in steps)


def test_the_trace_is_what_perfetto_reads(profiled: Profiled) -> None:
    """Chrome's format, of which Perfetto takes events with a duration only if those of a thread nest."""
    _, _, trace = profiled
    assert trace["displayTimeUnit"] == "ms"
    threads: defaultdict[tuple[object, object], list[dict[str, Any]]] = defaultdict(list)
    for each in timed(trace):
        assert isinstance(each["name"], str) and each["name"]
        assert each["ts"] >= 0 and each["dur"] >= 0
        threads[each["pid"], each["tid"]].append(each)
    assert len(timed(trace, "cpu_op")) > 100
    for events in threads.values():
        open_events: list[dict[str, Any]] = []
        for each in sorted(events, key=lambda each: (each["ts"], -each["dur"])):
            while open_events and end_of(open_events[-1]) <= each["ts"]:
                open_events.pop()
            assert not open_events or inside(each, open_events[-1])
            open_events.append(each)


def test_its_times_are_microseconds(trainer: Trainer, tmp_path: Path) -> None:
    """A stage that sleeps for 20 ms has a duration of at least 20,000, and no more than a clock says."""
    trainer.state.networks["discriminator"].register_forward_pre_hook(lambda *_: time.sleep(0.02))
    profiler = StepProfiler(trainer, 1)
    began = time.perf_counter()
    trainer.slice(2, seconds=60)
    passed = 1e6 * (time.perf_counter() - began)
    profiler.stop()
    profiler.write(tmp_path / "trace.json")
    found = timed(json.loads((tmp_path / "trace.json").read_text()), "user_annotation")
    assert 20_000 <= next(each["dur"] for each in found if each["name"] == "discriminator: score real") < passed


def end_of(event: dict[str, Any]) -> float:
    return float(event["ts"] + event["dur"])


def inside(event: dict[str, Any], other: dict[str, Any]) -> bool:
    # Times are rounded to nanoseconds.
    return bool(other["ts"] - 0.002 <= event["ts"] and end_of(event) <= end_of(other) + 0.002)


def test_a_step_that_does_not_follow_the_last_one_ends_the_profile(trainer: Trainer) -> None:
    here = trainer.capture()
    profiler = StepProfiler(trainer, 50)
    trainer.slice(4, seconds=60)
    trainer.restore(here)
    trainer.slice(2, seconds=60)
    assert profiler.ended and profiler.measured == 3
    assert profiler.cut == "Step 1 did not follow the last one, so the profile ended there."
    profiler.stop()


def test_a_stage_that_fails_leaves_the_trainer_as_without_a_profile(trainer: Trainer) -> None:
    here = trainer.capture()
    profiler = StepProfiler(trainer, 50)
    network = next(iter(trainer.state.networks.values()))
    hook = network.register_forward_pre_hook(lambda *_: 1 / 0)
    with pytest.raises(Exception, match="division by zero"):
        trainer.slice(2)
    hook.remove()
    profiler.stop()
    trainer.restore(here)
    assert trainer.ranges is None
    assert trainer.slice(2, seconds=60).steps == 2


@pytest.fixture
def nvtx(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is pushed to NVTX and popped from it, since this machine may have no CUDA."""
    calls: list[str] = []
    monkeypatch.setattr(torch.cuda.nvtx, "range_push", calls.append)
    monkeypatch.setattr(torch.cuda.nvtx, "range_pop", lambda: calls.append("pop"))
    yield calls


def test_nvtx_ranges_mark_steps_and_stages(trainer: Trainer, nvtx: list[str]) -> None:
    trainer.ranges = NvtxRanges()
    trainer.slice(1)
    planned = [stage_label(update.name, each.name) for update, _ in trainer.plan for each in update.operations]
    assert nvtx == ["ProfilerStep#1", *(part for label in planned for part in (label, "pop")), "pop"]


def test_a_profile_replaces_the_ranges_of_a_tool_for_its_time(trainer: Trainer, nvtx: list[str]) -> None:
    ranges = trainer.ranges = NvtxRanges()
    StepProfiler(trainer, 1).stop()
    assert trainer.ranges is ranges


@pytest.mark.parametrize(
    ("device", "variable", "marked"),
    [
        ("cuda", "NSYS_PROFILING_SESSION_ID", True),
        ("cuda:1", "NVTX_INJECTION64_PATH", True),
        ("cuda", "", False),
        ("cpu", "NSYS_PROFILING_SESSION_ID", False),
    ],
)
def test_nvtx_ranges_are_marked_if_a_tool_profiles_a_cuda_device(
    device: str, variable: str, marked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NSYS_PROFILING_SESSION_ID", "NVTX_INJECTION64_PATH"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "1")
    assert (ranges_of_tools(torch.device(device)) is not None) == marked
