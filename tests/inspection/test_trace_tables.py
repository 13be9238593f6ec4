"""Adding up a trace: hand-made events whose sums are known, on the CPU and on a GPU."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pipeline.inspection.trace_file import Trace, read_trace
from pipeline.inspection.trace_tables import tables
from pipeline.runs.profile_records import BETWEEN, OperatorTime, ProfileTables, StageTime

STAGES = {"discriminator: score real": ("discriminator", "score real"), "generator: update": ("generator", "update")}
MAIN, AUTOGRAD = 7, 8


def event(kind: str, name: str, start: float, duration: float, thread: int = MAIN, **args: int) -> dict[str, Any]:
    """An event with a duration, in microseconds."""
    return {"ph": "X", "cat": kind, "name": name, "pid": 1, "tid": thread, "ts": start, "dur": duration, "args": args}


def marked(name: str, start: float, duration: float) -> dict[str, Any]:
    return event("user_annotation", name, start, duration)


def operator(name: str, start: float, duration: float, number: int = 0, thread: int = MAIN) -> dict[str, Any]:
    return event("cpu_op", name, start, duration, thread, **{"External id": number})


def memory(start: float, size: int, device: int = 0, thread: int = MAIN) -> dict[str, Any]:
    args = {"Bytes": size, "Device Type": device}
    return {
        "ph": "i",
        "cat": "cpu_instant_event",
        "name": "[memory]",
        "pid": 1,
        "tid": thread,
        "ts": start,
        "args": args,
    }


STEP = [
    marked("ProfilerStep#5", 1000, 1000),
    marked("discriminator: score real", 1100, 400),
    marked("generator: update", 1600, 300),
]
"""A step of 1 ms with stages of 0.4 and 0.3 ms."""


def trace_of(events: Iterable[dict[str, Any]], folder: Path) -> Trace:
    path = folder / "trace.json"
    path.write_text(json.dumps({"schemaVersion": 1, "traceEvents": list(events)}))
    return read_trace(path)


def added_up(events: Iterable[dict[str, Any]], folder: Path, *, on_cpu: bool = True) -> ProfileTables:
    return tables(trace_of(events, folder), STAGES, on_cpu=on_cpu)


def stage(found: ProfileTables, name: str) -> StageTime:
    return next(each for each in found.stages if each.stage == name)


def of(found: ProfileTables, name: str) -> OperatorTime:
    return next(each for each in found.operators if each.name == name)


def test_a_stage_has_the_time_of_its_range_and_its_own_time_is_that_outside_operators(tmp_path: Path) -> None:
    found = added_up([*STEP, operator("aten::linear", 1150, 200), operator("aten::addmm", 1200, 100)], tmp_path)
    assert found.milliseconds == pytest.approx(1.0)
    scored = stage(found, "score real")
    assert (scored.calls, scored.total, scored.own) == (1, pytest.approx(0.4), pytest.approx(0.2))
    assert scored.share == pytest.approx(0.4)
    rest = stage(found, BETWEEN)
    assert (rest.calls, rest.total, rest.own) == (1, pytest.approx(0.3), pytest.approx(0.3))
    assert [each.stage for each in found.stages] == ["score real", "update", BETWEEN]


def test_an_operator_has_its_time_without_those_that_it_calls(tmp_path: Path) -> None:
    calls = [
        operator("aten::linear", 1150, 200),
        operator("aten::addmm", 1150, 100),
        operator("aten::copy_", 1160, 20),
        operator("aten::copy_", 1300, 30),
    ]
    found = added_up([*STEP, *calls], tmp_path)
    own = {each.name: (each.calls, round(1000 * each.own), round(1000 * each.total)) for each in found.operators}
    assert own == {"aten::linear": (1, 70, 200), "aten::addmm": (1, 80, 100), "aten::copy_": (2, 50, 50)}
    assert [each.name for each in found.operators] == ["aten::addmm", "aten::linear", "aten::copy_"]


def test_an_operator_names_the_stage_in_which_it_costs_most(tmp_path: Path) -> None:
    calls = [operator("aten::mul", 1150, 30), operator("aten::mul", 1650, 60), operator("aten::mul", 1950, 10)]
    found = of(added_up([*STEP, *calls], tmp_path), "aten::mul")
    assert (found.update, found.stage, found.stage_share) == ("generator", "update", pytest.approx(0.6))
    assert found.calls == 3


def test_what_happens_outside_steps_does_not_count(tmp_path: Path) -> None:
    outside = [operator("aten::grid", 100, 50), operator("aten::grid", 2500, 50), marked("generator: update", 2400, 99)]
    found = added_up([*STEP, *outside], tmp_path)
    assert found.operators == () and stage(found, "update").calls == 1


def test_several_steps_are_summed(tmp_path: Path) -> None:
    later = [each | {"ts": each["ts"] + 5000} for each in STEP]
    found = added_up([*later, marked("ProfilerStep#6", 7000, 500), *STEP], tmp_path)
    assert found.milliseconds == pytest.approx(2.5)
    assert (stage(found, "update").calls, stage(found, "update").total) == (2, pytest.approx(0.6))
    assert stage(found, BETWEEN).calls == 3


def test_operators_in_a_thread_of_autograd_belong_to_the_stage_that_waits_for_it(tmp_path: Path) -> None:
    calls = [operator("MmBackward0", 1620, 200, thread=AUTOGRAD), operator("aten::mm", 1630, 150, thread=AUTOGRAD)]
    found = added_up([*STEP, operator("aten::detach", 1610, 20), *calls], tmp_path)
    assert of(found, "aten::mm").stage == "update"
    assert stage(found, "update").own == pytest.approx(0.09), "1600 to 1610 and 1820 to 1900"


def test_a_kernel_counts_where_it_was_launched_however_late_it_runs(tmp_path: Path) -> None:
    events = [
        operator("aten::conv2d", 1150, 100, number=11),
        operator("aten::cudnn_convolution", 1160, 80, number=12),
        event("cuda_runtime", "cudaLaunchKernel", 1170, 5, **{"External id": 12, "correlation": 99}),
        event("kernel", "implicit_gemm", 1700, 450, 1, **{"External id": 12, "correlation": 99}),
        event("gpu_memcpy", "Memcpy HtoD", 2200, 50, 1, **{"External id": 0, "correlation": 98}),
        event("cuda_runtime", "cudaMemcpyAsync", 1950, 5, correlation=98),
        event("kernel", "of the warm-up", 100, 800, 1, **{"External id": 3, "correlation": 97}),
    ]
    found = added_up([*STEP, *events], tmp_path)
    assert found.on_device
    assert of(found, "aten::cudnn_convolution").device == pytest.approx(0.45) and of(found, "aten::conv2d").device == 0
    assert stage(found, "score real").device == pytest.approx(0.45)
    assert (stage(found, "update").device, stage(found, BETWEEN).device) == (0, pytest.approx(0.05))
    assert found.operators[0].name == "aten::cudnn_convolution"


def test_the_memory_of_a_stage_is_its_peak_above_its_begin_and_that_of_an_operator_what_it_allocated(
    tmp_path: Path,
) -> None:
    calls = [operator("aten::cat", 1150, 200), operator("aten::empty", 1160, 50)]
    blocks = [memory(1170, 4000), memory(1300, 1000), memory(1310, -4500), memory(1400, 500), memory(1700, -800)]
    on_gpu = [memory(1320, 64_000, device=1)]
    found = added_up([*STEP, *calls, *blocks, *on_gpu], tmp_path)
    assert (stage(found, "score real").memory, stage(found, "update").memory) == (5000, 0)
    assert of(found, "aten::empty").memory == 4000
    assert stage(added_up([*STEP, *blocks, *on_gpu], tmp_path, on_cpu=False), "score real").memory == 64_000


@pytest.mark.parametrize("content", ["", "[1, 2", "[]", "{}", '{"traceEvents": 3}'])
def test_a_file_that_is_no_trace_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "trace.json").write_text(content)
    with pytest.raises(ValueError, match=r"Expecting|no events"):
        read_trace(tmp_path / "trace.json")


def test_a_trace_without_steps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no step"):
        added_up([operator("aten::add", 1, 2)], tmp_path)
