"""What a page says of a run whose learning rate schedules have ended, or end before its planned end."""

from pipeline.errors.runs import BrokenCheckpoint
from pipeline.nodes.schedule_ends import remark
from pipeline.runs.checkpoints import live_values
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.workflows import of_run


def plan_notice(store: Store, record: RunRecord, snapshot: Snapshot) -> str:
    """Sentences on the schedules that end before the run does; "" if there are none.

    Of a run at its planned end they tell whether further steps would change anything.
    """
    report = of_run(record.workflow_text, record.data_text)
    goal = max(snapshot.total_steps, snapshot.step + 1)
    # Without schedules nothing has to be read.
    if not remark(report, snapshot.step, goal):
        return ""
    live = snapshot.live or _stored(store, record.id)
    return remark(report, snapshot.step, goal, live, by_title=True)


def _stored(store: Store, run: str) -> dict[str, float]:
    """The live values of a run that is not loaded, from its newest checkpoint."""
    checkpoints = store.files(run).checkpoints()
    try:
        return live_values(checkpoints[-1][1]) if checkpoints else {}
    except BrokenCheckpoint:
        return {}
