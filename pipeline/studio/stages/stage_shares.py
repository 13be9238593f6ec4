"""Where the time of a run's steps goes, stage by stage."""

from typing import NamedTuple

from pipeline.formatting import duration
from pipeline.runs import stage_times
from pipeline.runs.stage_times import StageTimes
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.stages.stage_facts import RunStages, stages_of
from pipeline.studio.stages.stage_text import heading


class StageShare(NamedTuple):
    """A row of the table. update: the name of its update, "" for what belongs to none. share: of the time, 0 to 1.
    milliseconds: the mean of one time that it ran."""

    update: str
    stage: str
    share: float
    milliseconds: float


class StageShares(NamedTuple):
    """The table, in the order of a step, and the same in a sentence."""

    rows: tuple[StageShare, ...]
    sentence: str


def stage_shares(store: Store, record: RunRecord) -> StageShares | None:
    """The shares of all the time that a run has spent on steps; None if it has not been measured yet."""
    times = stage_times.load(store.files(record.id))
    whole = sum(each.seconds for each in times)
    if not whole:
        return None
    run = stages_of(record.workflow_text, record.batch_size, record.data_text)
    rows = (
        StageShare(
            each.update[:1].upper() + each.update[1:],
            heading(each.stage, run),
            each.seconds / whole,
            1000 * each.seconds / max(1, each.times),
        )
        for each in times
    )
    return StageShares(tuple(rows), _sentence(times, run, whole))


def _sentence(times: StageTimes, run: RunStages, whole: float) -> str:
    """`12 % of the time in data · mostly gradients (41 %) · counted over 2 min 5 s`."""
    by_stage: dict[str, float] = {}
    for each in times:
        by_stage[each.stage] = by_stage.get(each.stage, 0.0) + each.seconds
    most = max(by_stage, key=lambda stage: by_stage[stage])
    title = heading(most, run)
    return (
        f"{_percent(stage_times.data_share(times))} of the time in data · "
        f"mostly {title[:1].lower()}{title[1:]} ({_percent(by_stage[most] / whole)}) · "
        f"counted over {duration(whole)}"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 or not share else "under 1 %"
