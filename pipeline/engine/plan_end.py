"""Refuses to train on where the learning rate schedules of a run have ended, before anything is changed. Torch-free."""

from collections.abc import Iterable

from pipeline.errors.runs import BrokenCheckpoint
from pipeline.errors.training import PlanEnded
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.live_settings import LiveSetting
from pipeline.nodes.schedule_ends import remark, schedule_ends, still_from
from pipeline.runs.checkpoints import live_values
from pipeline.runs.store import RunRecord, Store


def require_plan(
    store: Store, record: RunRecord, workflow: CheckedWorkflow, settings: Iterable[LiveSetting] = ()
) -> None:
    """Raise PlanEnded if every learning rate of this stored run is 0 from its last checkpoint on.

    settings: live parameters that are changed before it is trained on.
    """
    step, live = record.step, dict[str, float]()
    for saved, folder in reversed(store.files(record.id).checkpoints()):
        try:
            step, live = saved, live_values(folder)
        except BrokenCheckpoint:
            continue
        break
    live |= {setting.key: setting.value for setting in settings}
    still = still_from(workflow.report, live)
    if still is not None and step >= still:
        keys = [end.key for end in schedule_ends(workflow.report, live) if end.key]
        raised = "".join(f" --set {key}=0.1" for key in dict.fromkeys(keys))
        command = f" For example: python -m pipeline train --resume {record.id}{raised} --steps 1000" if keys else ""
        raise PlanEnded(record.id, step, remark(workflow.report, step, step + 1, live) + command)
