"""Changes of live parameters of a loaded run: whether one is possible, and several at once."""

from collections.abc import Iterable

from pipeline.engine.active_run import ActiveRun
from pipeline.errors.training import NotLive
from pipeline.graph import edit
from pipeline.graph.form import parameters
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.live_settings import LiveSetting


def check_live(run: ActiveRun, node: str, parameter: str, value: float) -> None:
    """Raise NotLive if there is no such live parameter, InvalidValue if it cannot have this value."""
    if f"{node}.{parameter}" not in run.trainer.state.live:
        raise NotLive(node, parameter)
    kinds = {each.name: each.kind for each in parameters(NODES[run.workflow.nodes[node].class_type])}
    whole = kinds[parameter] == "int" and value.is_integer()
    edit.set_valid_parameter(run.workflow, node, parameter, int(value) if whole else value, NODES)


def set_each(run: ActiveRun, settings: Iterable[LiveSetting], who: str) -> None:
    """Set live parameters that differ from these values, and save. Raises as `check_live` does, and HomeTrouble."""
    settings = [each for each in settings if run.trainer.state.live.get(each.key) != each.value]
    for each in settings:
        check_live(run, *each)
    for each in settings:
        run.set_live(*each, who)
    if settings:
        run.save()
