"""The checkpoints of a run as the frames of a film strip, for views that need weights, not stored pictures."""

from pipeline.runs.store import RunRecord, Store
from pipeline.studio.film.sample_frames import Film
from pipeline.studio.run.ancestry import ancestor_steps


def checkpoint_film(store: Store, record: RunRecord) -> Film:
    """The checkpoints of a run, and those of a fork's parents before the fork. Reads only the constant fields of
    `record`, so an old record will do."""
    own = [step for step, _ in store.files(record.id).checkpoints()]
    earlier = {
        step: run.id
        for run, first, last in (ancestor_steps(store, record) if record.parent is not None else [])
        for step, _ in store.files(run.id).checkpoints()
        # The checkpoint before a run's first step has the weights that it began with.
        if first - 1 <= step <= last and step not in own
    }
    return Film(record.id, tuple(sorted({*own, *earlier})), record.batch_size, record.train_images, None, earlier)
