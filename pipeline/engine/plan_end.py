"""Refuses to train on where the learning rate schedules of a run have ended, before anything is changed. Torch-free."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pipeline.errors.runs import BrokenCheckpoint
from pipeline.errors.training import PlanEnded
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.live_settings import LiveSetting
from pipeline.nodes.schedule_ends import remark, schedule_ends, still_from
from pipeline.runs.checkpoints import events_before, live_values
from pipeline.runs.later_changes import changes_after
from pipeline.runs.store import RunRecord, Store

if TYPE_CHECKING:
    from pipeline.engine.active_run import ActiveRun


def require_plan(
    store: Store, record: RunRecord, workflow: CheckedWorkflow, settings: Iterable[LiveSetting] = ()
) -> None:
    """Raise PlanEnded if every learning rate of this stored run is 0 from its last checkpoint on.

    Live parameters that were changed after that checkpoint count with their last values. settings: those that are
    changed before it is trained on.
    """
    step, live = record.step, dict[str, float]()
    for saved, folder in reversed(store.files(record.id).checkpoints()):
        try:
            step, live = saved, live_values(folder)
        except BrokenCheckpoint:
            continue
        later = changes_after(store.events(record.id, None), saved, events_before(folder))
        live |= {change.action: change.value for change in later if not change.update}
        break
    live |= {setting.key: setting.value for setting in settings}
    if keys := _ended(workflow, record.id, step, live):
        raised = " ".join(f"--set {key}=0.1" for key in keys)
        example = f"For example: python -m pipeline train --resume {record.id} {raised} --steps 1000"
        raise PlanEnded(record.id, step, f"{remark(workflow.report, step, step + 1, live)} {example}")


def require_moving(run: "ActiveRun") -> None:
    """Raise PlanEnded if every learning rate of this loaded run, trained from Python, is 0 from now on."""
    workflow, step, live = run.checked, run.step, run.trainer.state.live
    if keys := _ended(workflow, run.id, step, live):
        raised = [f"{key}=0.1" for key in keys]
        example = f"For example: close it and call Training.resume({run.id!r}, images, settings={raised}, …)."
        raise PlanEnded(run.id, step, f"{remark(workflow.report, step, step + 1, live)} {example}")


def _ended(workflow: CheckedWorkflow, run: str, step: int, live: Mapping[str, float]) -> list[str]:
    """The live parameters that would let training go on; none if it goes on anyway. Raises PlanEnded if there are no
    such parameters."""
    still = still_from(workflow.report, live)
    if still is None or step < still:
        return []
    keys = [end.key for end in schedule_ends(workflow.report, live) if end.key]
    if not keys:
        raise PlanEnded(run, step, remark(workflow.report, step, step + 1, live))
    return list(dict.fromkeys(keys))
