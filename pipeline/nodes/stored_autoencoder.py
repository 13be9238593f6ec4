"""Autoencoders of stored runs: found by run and checkpoint, and copied to the home once they are used.

    home/autoencoders/20261122-140501-3fa9c2d1-step-000000600/run.json             the run's workflow, and its images
                                                              weights.safetensors  as in the checkpoint
                                                              manifest.json        of the checkpoint, with the hash

The copy has all that a run needs to build the networks again. So a run that uses an autoencoder resumes, can be sampled
from and forked after the autoencoder's run was deleted, or its checkpoint thinned out. The run's own checkpoints hold
the weights as well, and those count when it resumes.
"""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.errors.base import GenscopeError
from pipeline.errors.runs import UnknownRun
from pipeline.graph import document
from pipeline.graph.check import Report, check
from pipeline.graph.node import Misfit
from pipeline.nodes.ports import CodingObjectivePort
from pipeline.nodes.python_objects import GivenNode
from pipeline.nodes.registry import NODES
from pipeline.nodes.run_data import known_ports
from pipeline.nodes.training_subgraph import TrainingSubgraph, training_subgraph
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, write_atomically
from pipeline.runs.checkpoints import MANIFEST, WEIGHTS
from pipeline.runs.files import AUTOENCODERS, RunFiles
from pipeline.runs.ids import is_run_id
from pipeline.runs.store import Store

FOLDER = AUTOENCODERS
RUN = "run.json"
MOST_RUNS = 100
"""Newest runs that are looked at for a choice."""
HOW_TO_FIND = "the field on the Workflow page lists them, and `python -m pipeline runs` all runs."
_COPY = re.compile(r"(.+)-step-([0-9]{9,18})")


@dataclass(frozen=True)
class StoredAutoencoder:
    """An autoencoder as a run has trained it up to a checkpoint.

    weights: the folder of the weights and their manifest. report: on the run's workflow. objective: id of the
    autoencoder's objective in it. port: what that gives. source: workflow text and record of the images.
    """

    run: str
    step: int
    weights: Path
    report: Report
    objective: str
    port: CodingObjectivePort
    source: tuple[str, Any]

    def keep(self, home: Path) -> None:
        """Copy it to the home, unless that has been done. Raises CannotWrite."""
        folder = home / FOLDER / f"{self.run}-step-{self.step:09d}"
        if (folder / RUN).is_file():
            return
        make_folder(folder)
        with os_errors_as_refusals(folder):
            for name in (WEIGHTS, MANIFEST):
                shutil.copyfile(self.weights / name, folder / name)
        workflow, data = self.source
        # Last, because a copy counts once this file is there.
        write_atomically(folder / RUN, json.dumps({"workflow": workflow, "data": data}).encode())


def find(run: str, step: int, home: Path) -> StoredAutoencoder:
    """The autoencoder of a run at the checkpoint of `step`; 0 for its newest. Raises Misfit, which says what to do;
    UnreadableDocument; and what a Store raises."""
    if not is_run_id(run):
        unknown = f"There is no run {run[:60]!r}. " if run else ""
        raise Misfit(f"{unknown}Choose a run that has trained an autoencoder; {HOW_TO_FIND}", field="run")
    source, folders = _stored(run, home)
    if source is None:
        raise Misfit(
            f"There is no run {run} in this home: it was deleted, or trained elsewhere. Choose a run that "
            f"has trained an autoencoder; {HOW_TO_FIND}",
            field="run",
        )
    if not folders:
        raise Misfit(f"Run {run} has no checkpoint: its files were deleted. Choose another run.", field="run")
    newest = max(folders)
    if step and step not in folders:
        steps = ", ".join(f"{each:,}" for each in sorted(folders))
        raise Misfit(
            f"Run {run} has no checkpoint at step {step:,}; it has checkpoints at steps {steps}.",
            field="step",
            value=newest,
        )
    text, data = source
    report = check(document.read(text, f"The workflow of run {run}"), NODES, known_ports(data))
    objective, port = _objective(run, report, training_subgraph(report))
    return StoredAutoencoder(run, step or newest, folders[step or newest], report, objective, port, source)


def copied_steps(run: str, home: Path) -> list[int]:
    """The checkpoints of a run of which the home keeps a copy, so that it does not need the run any more."""
    return [step for step, _ in _copies(run, home)]


def runs(home: Path) -> dict[str, str]:
    """The runs of the home that have trained an autoencoder of latents, by id, newest first, with name and step."""
    with Store(home) as store:
        records = store.recent(MOST_RUNS)
    return {
        record.id: f"{record.name} · step {record.step:,} · {record.id}"
        for record in records
        if record.step and _has_latents(record.id, record.workflow_text, record.data_text)
    }


@lru_cache(maxsize=MOST_RUNS)
def _has_latents(run: str, text: str, data: str) -> bool:
    try:
        report = check(document.read(text, "The workflow"), NODES, known_ports(json.loads(data)))
        return _objective(run, report, training_subgraph(report))[1].encoder.code_shape is not None
    except (Misfit, GenscopeError):
        return False


def state_of(run: str, home: Path) -> str:
    """What `find` depends on besides its arguments: changes when checkpoints are added or deleted. Cheap."""
    if not is_run_id(run):
        return ""
    return " ".join(str(folder) for _, folder in (*RunFiles(home, run).checkpoints(), *_copies(run, home)))


def _stored(run: str, home: Path) -> tuple[tuple[str, Any] | None, dict[int, Path]]:
    """The workflow and the record of the images of a run, None if there is neither the run nor a copy; and its
    checkpoints, those of the run before copies."""
    copies = dict(_copies(run, home))
    try:
        with Store(home) as store:
            record = store.run(run)
        return (record.workflow_text, record.data), copies | dict(RunFiles(home, run).checkpoints())
    except UnknownRun:
        if not copies:
            return None, {}
    for step in sorted(copies, reverse=True):
        try:
            facts = json.loads((copies[step] / RUN).read_bytes())
            return (facts["workflow"], facts["data"]), copies
        except (OSError, ValueError, LookupError, TypeError):
            # Damaged: as if it were not there.
            del copies[step]
    return None, {}


def _copies(run: str, home: Path) -> Iterator[tuple[int, Path]]:
    for folder in sorted((home / FOLDER).glob(f"{run}-step-*")):
        if (found := _COPY.fullmatch(folder.name)) and (folder / RUN).is_file():
            yield int(found[2]), folder


def _objective(run: str, report: Report, found: TrainingSubgraph | None) -> tuple[str, CodingObjectivePort]:
    """The trained objective of a run's workflow and its port. Raises Misfit if there is none that can be used."""
    if found is None:
        why = " ".join(report.sentences())
        raise Misfit(f"The networks of run {run} cannot be built here: {why}", field="run")
    objectives = found.giving(CodingObjectivePort)
    if not objectives:
        family = found.training.family.title.lower()
        raise Misfit(
            f"Run {run} has trained no autoencoder, but {family}; choose a run of an autoencoder training or of a "
            "latent diffusion training.",
            field="run",
        )
    for node_id in found.given:
        if isinstance(report.nodes[node_id], GivenNode):
            title = report.titles[node_id]
            raise Misfit(
                f"The autoencoder of run {run} cannot be built here, because {title} ({node_id}) was passed from "
                "Python; choose another run.",
                field="run",
            )
    (port,) = found.given[objectives[-1]]
    assert isinstance(port, CodingObjectivePort)
    return objectives[-1], port
