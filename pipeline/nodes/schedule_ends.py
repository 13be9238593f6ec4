"""Where the learning rate schedules of a workflow end: from which step on an optimizer moves nothing. Torch-free.

Also which warm-ups last longer than the training.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.formatting import listed
from pipeline.graph.check import Report
from pipeline.graph.form import parameters
from pipeline.nodes.ports import OptimizerPort
from pipeline.nodes.training_subgraph import TrainingSubgraph, training_subgraph

NO_LIVE: Mapping[str, float] = {}


@dataclass(frozen=True)
class ScheduleEnd:
    """An optimizer whose learning rate is 0, or nearly, by its schedule.

    role: of the network that it updates. step: number of finished steps from which on this holds. key: the live
    parameter, "node.parameter", that keeps the rate above 0; "" if its schedule has none.
    """

    role: str
    step: int
    key: str


def schedule_ends(report: Report, live: Mapping[str, float] = NO_LIVE) -> tuple[ScheduleEnd, ...]:
    """The optimizers of a checked workflow's training whose schedules end at 0. live: the run's live values, by key."""
    found = training_subgraph(report)
    ends = [_end(found, node_id, report, live) for node_id in _optimizers(found, report)] if found else []
    return tuple(end for end in ends if end is not None)


def still_from(report: Report, live: Mapping[str, float] = NO_LIVE) -> int | None:
    """The number of finished steps from which on no network is changed any more; None if there is none."""
    found, ends = training_subgraph(report), schedule_ends(report, live)
    if found is None or not ends or len(ends) < len(_optimizers(found, report)):
        return None
    return max(end.step for end in ends)


def remark(
    report: Report, first: int, goal: int, live: Mapping[str, float] = NO_LIVE, *, by_title: bool = False
) -> str:
    """What training from step `first` to step `goal` must know about its schedules, as sentences; "" if nothing.

    by_title: name live parameters as the pages do ("End factor of Learning rate schedule"), not as the command line.
    """
    ends = [end for end in schedule_ends(report, live) if end.step < goal]
    if not ends:
        return ""
    many, still = len(ends) > 1, still_from(report, live)
    step = max(end.step for end in ends)
    whose = listed(f"the {role}" for role in dict.fromkeys(end.role for end in ends))
    rates = f"the learning rate{'s' if many else ''} of {whose} {'are' if many else 'is'} 0 or nearly 0"
    if still is not None and still < goal:
        what = "training on changes nothing" if still <= first else "training beyond that step changes nothing"
    else:
        what = f"{'they are' if many else 'it is'} no longer trained"
    where = "their schedules end" if many else "its schedule ends"
    return f"From step {step:,} on {rates}, where {where}: {what}. {_advice(ends, report, by_title)}"


def plan_remark(report: Report, *, by_title: bool = False) -> str:
    """The remark on the whole plan of a workflow, whose schedules may end before it does, or not begin within it; "" if
    there is none. by_title: see `remark`."""
    found = training_subgraph(report)
    if found is None:
        return ""
    ends = remark(report, 0, found.training.total_steps, by_title=by_title)
    return " ".join(filter(None, (ends, warm_up_remark(report))))


def warm_up_remark(report: Report) -> str:
    """A sentence on warm-ups that last longer than the planned training; "" if there are none."""
    found = training_subgraph(report)
    if found is None:
        return ""
    total = found.training.total_steps
    ports = [port for node_id in _optimizers(found, report) for port in found.given[node_id]]
    longest = {
        port.network.role: port.schedule.warmup_steps
        for port in ports
        if isinstance(port, OptimizerPort) and port.schedule is not None and port.schedule.warmup_steps > total
    }
    if not longest:
        return ""
    whose, steps = listed(f"the {role}" for role in longest), max(longest.values())
    return (
        f"The warm-up of the learning rate of {whose} takes {steps:,} steps, but the training has {total:,}: the full "
        "rate is never reached. Lower the warm-up steps, or raise the total steps."
    )


def _advice(ends: Iterable[ScheduleEnd], report: Report, by_title: bool) -> str:
    """What to do to train on beyond the ends of these schedules, as a sentence."""
    keys = [_titled(end.key, report) if by_title else end.key for end in ends if end.key]
    fork = "fork the run with more total steps (on the Workflow page, or `train --fork`)"
    return f"Raise {listed(dict.fromkeys(keys))}, or {fork}." if keys else f"{fork[:1].upper()}{fork[1:]}."


def _titled(key: str, report: Report) -> str:
    """A live parameter's label with the name of its node."""
    node_id, _, name = key.rpartition(".")
    label = next(each.label for each in parameters(type(report.nodes[node_id])) if each.name == name)
    return f"{label} of {report.names[node_id]}"


def _optimizers(found: TrainingSubgraph, report: Report) -> list[str]:
    """The ids of the nodes whose optimizers the training node uses."""
    links = report.workflow.nodes[found.node].links()
    return [link.node for _, link in links if any(isinstance(port, OptimizerPort) for port in found.given[link.node])]


def _end(found: TrainingSubgraph, node_id: str, report: Report, live: Mapping[str, float]) -> ScheduleEnd | None:
    port = next(port for port in found.given[node_id] if isinstance(port, OptimizerPort))
    if port.schedule is None:
        return None
    parameter = "step_factor" if port.schedule.shape == "step" else "end_factor"
    key = f"{_scheduling(found, node_id, report)}.{parameter}"
    schedule = port.schedule.changed({parameter: live[key]} if key in live else {})
    step = schedule.rests_from(found.training.total_steps)
    return None if step is None else ScheduleEnd(port.network.role, step, key if _is_live(key, report) else "")


def _scheduling(found: TrainingSubgraph, node_id: str, report: Report) -> str:
    """The node that adds the schedule to the optimizer that this node outputs; others may stand between them."""
    for _, link in report.workflow.nodes[node_id].links():
        before = [port for port in found.given.get(link.node, ()) if isinstance(port, OptimizerPort)]
        if before and before[0].schedule is not None:
            return _scheduling(found, link.node, report)
    return node_id


def _is_live(key: str, report: Report) -> bool:
    node_id, _, name = key.rpartition(".")
    return any(each.name == name and each.live for each in parameters(type(report.nodes[node_id])))
