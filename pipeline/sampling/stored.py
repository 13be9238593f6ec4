"""Images from a stored run: its generator is built anew, without its data, and given the weights of a checkpoint."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline import VERSION
from pipeline.errors.machine import UnknownPictureFormat, UnusableValue
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint, UnknownCheckpoint
from pipeline.errors.workflow import InvalidWorkflow
from pipeline.graph import document
from pipeline.graph.check import Report, check
from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import build_node, resolve_device
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import Store
from pipeline.runs.writing import beside, refusals_as_sentences
from pipeline.sampling.grid import grid_png
from pipeline.training.checkpoint import load_network
from pipeline.training.drawing import draw_images
from pipeline.training.parts import GeneratorPart
from pipeline.training.state import Weights

MOST_IMAGES = 100_000
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Drawing:
    """Images of one run: (N, H, W, C) uint8, drawn from `seed` with the weights it had after `step` steps.

    skipped: a sentence for each newer checkpoint that was damaged and passed over.
    """

    images: NDArray[np.uint8]
    run: str
    step: int
    seed: int
    workflow: Workflow
    skipped: tuple[str, ...] = ()

    def png(self) -> bytes:
        """One picture of all images, which carries the run's workflow. The same drawing gives the same bytes."""
        return grid_png(self.images, texts=document.png_texts(self.workflow, self.run, self.step, self.seed, VERSION))

    def npz(self) -> bytes:
        """A numpy archive that holds `images`. The same drawing gives the same bytes."""
        stream = BytesIO()
        np.savez_compressed(stream, images=self.images)
        return stream.getvalue()

    def write(self, path: Path) -> None:
        """Write to `path`, as its ending says: .png or .npz. Raises UnknownPictureFormat, CannotWrite."""
        content = {".png": self.png, ".npz": self.npz}.get(path.suffix.lower())
        if content is None:
            raise UnknownPictureFormat(path.name)
        with refusals_as_sentences(path), beside(path) as temporary:
            temporary.write_bytes(content())
            temporary.replace(path)


def draw_from_run(
    store: Store,
    run: str,
    *,
    count: int,
    seed: int,
    step: int | None = None,
    weights: Weights = "ema",
    device: str = "auto",
) -> Drawing:
    """Draw `count` images from a run (an id, or "latest"); the same call gives the same images on the same machine.

    step: of the checkpoint to draw from; None for the newest that is sound. weights: "ema" for the moving average,
    which is the raw weights where none was kept.

    Raises UnusableValue for a count, seed or weights that cannot be; UnknownRun, NoCheckpoint, UnknownCheckpoint,
    UnknownDevice; BrokenCheckpoint for a damaged one asked for by its step; InvalidWorkflow, NodeFailure where this
    version of the program cannot build the run's generator.
    """
    if not 1 <= count <= MOST_IMAGES:
        raise UnusableValue(f"{count:,} images cannot be drawn at once: ask for 1 to {MOST_IMAGES:,}.")
    if not 0 <= seed <= LARGEST_SEED:
        raise UnusableValue(f"{seed} is no seed: choose a whole number from 0 to {LARGEST_SEED}.")
    if weights not in get_args(Weights):
        raise UnusableValue(f"There are no weights {weights!r}: choose one of {', '.join(get_args(Weights))}.")
    record = store.resolve(run)
    checkpoints = dict(store.files(record.id).checkpoints())
    if not checkpoints:
        raise NoCheckpoint(record.id)
    if step is not None and step not in checkpoints:
        raise UnknownCheckpoint(record.id, step, checkpoints)
    workflow = document.read(record.workflow_text, f"The workflow of run {record.id}")
    report = check(workflow, NODES)
    if not report.ok:
        raise InvalidWorkflow(report.sentences())
    place = resolve_device(device)
    part: GeneratorPart = build_node(report, _generator_node(report), store.home, str(place), record.seed)

    def draw_latents(number: int, random: torch.Generator) -> torch.Tensor:
        return part.latents.draw(number, random, place)

    skipped: list[str] = []
    for candidate in sorted(checkpoints, reverse=True) if step is None else [step]:
        try:
            load_network(checkpoints[candidate], "generator", weights, part.network)
        except BrokenCheckpoint as error:
            if step is not None:
                raise
            skipped.append(str(error))
            continue
        images = draw_images(part.network, draw_latents, count, seed, place)
        return Drawing(images, record.id, candidate, seed, workflow, tuple(skipped))
    raise NoCheckpoint(record.id)


def _generator_node(report: Report) -> str:
    """Id of the node that the training's objective has as its generator."""
    wired = {
        node_id: {name: link.node for name, link in data.links()} for node_id, data in report.workflow.nodes.items()
    }
    training = next(node_id for node_id, node in report.nodes.items() if node.category == "training")
    return wired[wired[training]["objective"]]["generator"]
