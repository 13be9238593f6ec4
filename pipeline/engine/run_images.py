"""What a run knows of its images: kept when they have been read, compared when the run is resumed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.data.findings import Findings, differences, too_large_batch
from pipeline.engine.active_run import ActiveRun
from pipeline.errors.runs import ImagesDoNotFit, OtherImages, TooFewImages
from pipeline.formatting import listed
from pipeline.nodes.run_data import findings_of, record_of
from pipeline.runs.catalogue import parent_of
from pipeline.training.experiment import Experiment


def require_batches(run: ActiveRun, experiment: Experiment) -> None:
    """Raises TooFewImages if fewer training images could be read than one batch takes."""
    fault = too_large_batch(run.record.batch_size, experiment.images.train.count)
    if fault:
        findings = experiment.images.findings
        raise TooFewImages(fault, findings.line if findings else "")


def keep(run: ActiveRun, experiment: Experiment) -> None:
    """Write what was found into the run's record. Raises CannotWrite."""
    count = experiment.images.train.count
    data = _data(run, experiment)
    run.record = replace(run.record, train_images=count, data=data)
    run.store.update(run.id, train_images=count, data=data)


def say(run: ActiveRun, experiment: Experiment, who: str) -> None:
    """Record what was found as an event, with its warnings."""
    if findings := experiment.images.findings:
        run.event("images read", " ".join(filter(None, (*findings.sentences, fork_warning(run)))), who)


def fork_warning(run: ActiveRun) -> str:
    """That a run which has just been forked has other images than its parent, as a sentence; "" if it has the same, or
    if the parent recorded none."""
    parent = parent_of(run.store, run.record)
    if parent is None or run.step != run.record.parent_step:
        return ""
    before, now = findings_of(parent.data), findings_of(run.record.data)
    found = _differences(before, now)
    return f"Warning: its images are not those of the run that it was forked from: {listed(found)}." if found else ""


def changes(run: ActiveRun, experiment: Experiment, *, accept: bool) -> Sequence[str]:
    """How the run's images differ from those that it was trained on, as clauses; () for an older run, which recorded
    none.

    accept: whether others are taken. Raises OtherImages if they are not, and ImagesDoNotFit if the run's networks were
    made for images of another shape or other classes.
    """
    before, now = findings_of(run.record.data), experiment.found
    found = _differences(before, now)
    if not found:
        return ()
    if any(_unfit(run, before[node_id], now[node_id]) for node_id in before.keys() & now.keys()):
        raise ImagesDoNotFit(run.id, listed(found))
    if not accept:
        raise OtherImages(run.id, listed(found))
    return found


def say_changed(run: ActiveRun, experiment: Experiment, clauses: Sequence[str], who: str) -> None:
    """Record as an event that the run goes on with other images, and what differs."""
    findings = experiment.images.findings
    told = " ".join(findings.sentences) if findings else ""
    text = f"Other images taken, as asked: {listed(clauses)}. {told}".strip()
    run.event("images changed", text, who, {"differences": list(clauses)})


def _differences(before: Mapping[str, Findings], now: Mapping[str, Findings]) -> list[str]:
    """What differs between the images of the same nodes, as clauses."""
    return [clause for node_id in before.keys() & now.keys() for clause in differences(before[node_id], now[node_id])]


def _unfit(run: ActiveRun, before: Findings, now: Findings) -> bool:
    """Whether networks made for these images cannot take the others: by shape, or by their number of classes."""
    return before.shape != now.shape or (bool(run.checked.training.conditions) and before.classes != now.classes)


def _data(run: ActiveRun, experiment: Experiment) -> Mapping[str, Any]:
    first = next(iter(experiment.found), experiment.images.node)
    # As the database gives it back: lists instead of tuples.
    found: Mapping[str, Any] = json.loads(json.dumps(record_of(run.checked.report, first, experiment.found)))
    return found
