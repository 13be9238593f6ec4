"""Add up a trace: the time of each stage and of each operator in its steps.

Operators of a thread are nested. Those of a stage are found by their time and not by their thread: on CUDA, gradients
are computed in a thread of autograd, for which the stage waits. A kernel counts where it was launched. Needs no torch.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from pipeline.inspection.trace_file import KERNELS, LAUNCHES, OPERATOR, RANGE, Allocation, Event, Thread, Trace
from pipeline.runs.profile_records import BETWEEN, OperatorTime, ProfileTables, StageTime

STEP = "ProfilerStep#"
Key = tuple[str, str]
"""An update and a stage; both are BETWEEN outside stages."""
REST: Key = (BETWEEN, BETWEEN)


def tables(trace: Trace, stages: Mapping[str, Key], *, on_cpu: bool) -> ProfileTables:
    """Add up the steps of a trace. stages: name of a range -> its stage, in the order of the tables. on_cpu: whether
    the memory of the CPU is meant, or that of a GPU. Raises ValueError if it has no step."""
    ranges = [event for event in trace.events if event.kind == RANGE]
    steps = _Windows(event for event in ranges if event.name.startswith(STEP))
    if not steps.events:
        raise ValueError("there is no step in it")
    inside = _Windows(event for event in ranges if event.name in stages and steps.around(event.start))
    calls = [call for call in _calls(trace) if steps.around(call.event.start)]
    for call in calls:
        call.key = _stage_at(inside, call.event.start, stages)
    elsewhere = _add_kernels(trace.events, calls, steps, inside, stages)
    device = defaultdict(float, elsewhere)
    for call in calls:
        device[call.key] += call.device
    return ProfileTables(
        milliseconds=sum(step.duration for step in steps.events) / 1000,
        stages=_stage_times(steps, inside, stages, _Busy(calls), device, _peaks(inside, trace.allocations, on_cpu)),
        operators=_operator_times(calls),
    )


class _Windows:
    """Ranges that do not overlap, such as all steps."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = sorted(events, key=lambda event: event.start)
        self._starts = [event.start for event in self.events]

    def around(self, moment: float) -> Event | None:
        """The range that contains this moment; None if there is none."""
        place = bisect_right(self._starts, moment) - 1
        return self.events[place] if place >= 0 and moment <= self.events[place].end else None


@dataclass(eq=False)
class _Call:
    """One call of an operator. own, device: microseconds. outermost: whether no operator called it."""

    event: Event
    own: float
    outermost: bool
    memory: int = 0
    device: float = 0.0
    key: Key = REST


def _calls(trace: Trace) -> list[_Call]:
    """All calls of operators, with what each took itself."""
    threads: defaultdict[Thread, list[Event | Allocation]] = defaultdict(list)
    for event in trace.events:
        if event.kind == OPERATOR:
            threads[event.thread].append(event)
    for allocation in trace.allocations:
        threads[allocation.thread].append(allocation)
    return [call for moments in threads.values() for call in _nested(moments)]


def _nested(moments: list[Event | Allocation]) -> list[_Call]:
    """The calls of one thread. An operator that calls others begins before them, or with them and ends later."""
    found: list[_Call] = []
    open_calls: list[_Call] = []
    for each in sorted(moments, key=_order):
        while open_calls and open_calls[-1].event.end <= each.start:
            open_calls.pop()
        if isinstance(each, Allocation):
            if open_calls:
                open_calls[-1].memory += max(0, each.size)
            continue
        call = _Call(each, each.duration, outermost=not open_calls)
        if open_calls:
            open_calls[-1].own -= each.duration
        open_calls.append(call)
        found.append(call)
    return found


def _order(each: Event | Allocation) -> tuple[float, bool, float]:
    return (each.start, isinstance(each, Allocation), -each.end if isinstance(each, Event) else 0.0)


def _stage_at(inside: _Windows, moment: float, stages: Mapping[str, Key]) -> Key:
    found = inside.around(moment)
    return stages[found.name] if found else REST


def _add_kernels(
    events: Sequence[Event], calls: Sequence[_Call], steps: _Windows, inside: _Windows, stages: Mapping[str, Key]
) -> Mapping[Key, float]:
    """Add the time of each kernel to the call that launched it; return, by stage, that of kernels without one."""
    by_id = {call.event.external: call for call in calls if call.event.external}
    launched = {event.correlation: event.start for event in events if event.kind in LAUNCHES}
    elsewhere: defaultdict[Key, float] = defaultdict(float)
    for event in events:
        if event.kind not in KERNELS:
            continue
        call, moment = by_id.get(event.external), launched.get(event.correlation)
        if call is not None:
            call.device += event.duration
        elif moment is not None and steps.around(moment):
            elsewhere[_stage_at(inside, moment, stages)] += event.duration
    return elsewhere


class _Busy:
    """When some thread was in an operator."""

    def __init__(self, calls: Sequence[_Call]) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []
        for event in sorted((call.event for call in calls if call.outermost), key=lambda event: event.start):
            if self._ends and event.start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], event.end)
            else:
                self._starts.append(event.start)
                self._ends.append(event.end)
        lengths = (end - start for start, end in zip(self._starts, self._ends, strict=True))
        self._sums = [0.0, *accumulate(lengths)]

    def until(self, moment: float) -> float:
        """Microseconds up to this moment."""
        place = bisect_right(self._starts, moment)
        return self._sums[place] - max(0.0, self._ends[place - 1] - moment) if place else 0.0

    def free(self, event: Event) -> float:
        """Microseconds of a range in which no thread was in an operator."""
        return max(0.0, event.duration - (self.until(event.end) - self.until(event.start)))


def _peaks(inside: _Windows, allocations: Sequence[Allocation], on_cpu: bool) -> Mapping[str, int]:
    """Name of a stage's range -> by how much one call of it raised the allocated memory at most, in bytes."""
    peaks: defaultdict[str, int] = defaultdict(int)
    current, held = None, 0
    for allocation in sorted(allocations, key=lambda each: each.start):
        stage = inside.around(allocation.start)
        if stage is None or allocation.on_cpu is not on_cpu:
            continue
        held = allocation.size + (held if stage is current else 0)
        current = stage
        peaks[stage.name] = max(peaks[stage.name], held)
    return peaks


def _stage_times(
    steps: _Windows,
    inside: _Windows,
    stages: Mapping[str, Key],
    busy: _Busy,
    device: Mapping[Key, float],
    peaks: Mapping[str, int],
) -> tuple[StageTime, ...]:
    whole = sum(step.duration for step in steps.events) or 1.0
    rest_total, rest_own = whole, sum(map(busy.free, steps.events))
    found = []
    for name, key in stages.items():
        calls = [event for event in inside.events if event.name == name]
        total, own = sum(event.duration for event in calls), sum(map(busy.free, calls))
        rest_total, rest_own = rest_total - total, rest_own - own
        if calls:
            found.append(_stage(key, len(calls), total, own, whole, device.get(key, 0.0), peaks.get(name, 0)))
    rest = _stage(REST, len(steps.events), rest_total, rest_own, whole, device.get(REST, 0.0), 0)
    return (*found, rest)


def _stage(key: Key, calls: int, total: float, own: float, whole: float, device: float, memory: int) -> StageTime:
    total, own = max(0.0, total), max(0.0, own)
    return StageTime(*key, calls, total / 1000, own / 1000, total / whole, device / 1000, memory)


@dataclass
class _Sum:
    """Sums over the calls of one operator, in microseconds. costs: of each stage, own and device."""

    calls: int = 0
    own: float = 0.0
    total: float = 0.0
    device: float = 0.0
    memory: int = 0
    costs: defaultdict[Key, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))


def _operator_times(calls: Iterable[_Call]) -> tuple[OperatorTime, ...]:
    sums: defaultdict[str, _Sum] = defaultdict(_Sum)
    for call in calls:
        of = sums[call.event.name]
        of.calls += 1
        of.own += call.own
        of.total += call.event.duration
        of.device += call.device
        of.memory += call.memory
        of.costs[call.key][0] += call.own
        of.costs[call.key][1] += call.device
    on_device = any(of.device for of in sums.values())
    found = [_operator(name, of, on_device) for name, of in sums.items()]
    return tuple(sorted(found, key=lambda each: each.device if on_device else each.own, reverse=True))


def _operator(name: str, of: _Sum, on_device: bool) -> OperatorTime:
    # An operator that launches no kernel costs only time of the CPU.
    measure = 1 if on_device and of.device else 0
    whole = sum(cost[measure] for cost in of.costs.values())
    key = max(of.costs, key=lambda each: of.costs[each][measure])
    share = of.costs[key][measure] / whole if whole else 0.0
    own, total, device = max(0.0, of.own) / 1000, of.total / 1000, of.device / 1000
    return OperatorTime(name, of.calls, own, total, device, of.memory, *key, share)
