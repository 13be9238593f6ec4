"""Changes of live parameters, `NODE.PARAMETER=VALUE`, that a run is resumed with. Torch-free."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.errors.training import NotLive
from pipeline.errors.workflow import InvalidValue
from pipeline.graph import edit
from pipeline.graph.form import parameters
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.training.checkpoints import checkpoints_node


class LiveSetting(NamedTuple):
    """A live parameter and its new value."""

    node: str
    parameter: str
    value: float

    @property
    def key(self) -> str:
        return f"{self.node}.{self.parameter}"


def live_settings(checked: CheckedWorkflow, settings: Iterable[str]) -> tuple[LiveSetting, ...]:
    """The live parameters of a run's workflow that these settings change, each once, with its last value.

    Raises NotLive for a parameter that cannot change during a run, InvalidValue for a value out of range, and what
    `edit.apply_settings` raises.
    """
    workflow = checked.workflow
    live = [
        f"{node_id}.{each.name}"
        for node_id in (*checked.trained.given, *_of_checkpoints(checked))
        for each in parameters(type(checked.report.nodes[node_id]))
        if each.live
    ]
    found: dict[str, LiveSetting] = {}
    for setting in settings:
        changed = edit.apply_settings(workflow, [setting], NODES)
        node_id, _, name = setting.partition("=")[0].strip().rpartition(".")
        if f"{node_id}.{name}" not in live:
            raise NotLive(node_id, name, live)
        value = changed.nodes[node_id].inputs[name]
        edit.set_valid_parameter(workflow, node_id, name, value, NODES)
        if not isinstance(value, int | float):
            raise InvalidValue(f"{node_id}.{name} is {str(value)[:60]!r}, not a number.")
        found[f"{node_id}.{name}"] = LiveSetting(node_id, name, float(value))
    return tuple(found.values())


def _of_checkpoints(checked: CheckedWorkflow) -> tuple[str, ...]:
    """The node that says when checkpoints are saved, on which no training depends."""
    found = checkpoints_node(checked.report)
    return (found[0],) if found else ()
