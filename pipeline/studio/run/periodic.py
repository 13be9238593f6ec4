"""What a run's periodic evaluation costs, and what it found best, in words."""

from pipeline.formatting import counted, duration, listed, number
from pipeline.metrics.registry import METRICS
from pipeline.nodes.training_subgraph import periodic_evaluation
from pipeline.runs import periodic
from pipeline.runs.periodic import Periodic
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.workflows import of_run


def has_one(record: RunRecord) -> bool:
    """Whether the run's workflow has a periodic evaluation. Cheap to ask."""
    return periodic_evaluation(of_run(record.workflow_text, record.data_text)) is not None


def of_stored(store: Store, record: RunRecord) -> Periodic | None:
    """What a run keeps of its periodic evaluation; None before the first one, or if it has none. Cheap to ask."""
    return periodic.load(store.files(record.id)) if has_one(record) else None


def share_words(found: Periodic | None, trained: float) -> str:
    """Its share of the time, for the progress line: `evaluation 12 %`; "" before the first. trained: seconds."""
    return f"evaluation {100 * found.share(trained):.0f} %" if found and found.times else ""


def sentences(found: Periodic, trained: float) -> str:
    """How it measures, what real images reach, what it cost, and what was best. trained: seconds of training."""
    parts = [
        f"{counted(found.generated, 'generated image')} against {counted(found.held_out, 'held-out image')}, by "
        f"features of {found.features}.",
        f"{counted(found.times, 'evaluation')} took {duration(found.seconds)}, "
        f"{100 * found.share(trained):.0f} % of the time.",
    ]
    if found.floors:
        floors = listed(f"{_title(name)} {number(value)}" for name, value in found.floors.items())
        parts.append(f"Real images in place of generated ones: {floors}.")
    parts += [f"No value of {_title(name)}: {reason}" for name, reason in found.reasons.items()]
    if best := found.best:
        parts.append(f"Best {_title(best.metric)} at step {best.step:,}: {number(best.value)}; its checkpoint is kept.")
    return " ".join(parts)


def checkpoint_label(store: Store, run: str, step: int) -> str:
    """What lists call a checkpoint: `step 1,000`, with what was best there."""
    found = periodic.load(store.files(run))
    best = found.best if found else None
    return f"step {step:,} (best {_title(best.metric)})" if best and best.step == step else f"step {step:,}"


def _title(name: str) -> str:
    return METRICS[name].title if name in METRICS else name
