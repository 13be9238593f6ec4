"""Encode and decode held-out images with a stored run's checkpoint, and restore their original sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline import VERSION
from pipeline.data.fitting import Fit
from pipeline.data.images import to_array, to_pixels
from pipeline.errors.machine import UnusableValue
from pipeline.formatting import whole
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import assemble
from pipeline.runs.atomic_files import write_atomically
from pipeline.runs.store import Store
from pipeline.sampling.checkpoints import open_run
from pipeline.sampling.grid import grid_png
from pipeline.sampling.restoring import file_stems, write_files
from pipeline.training.coding import root_mean_square_error
from pipeline.training.inference import BATCH, eval_mode
from pipeline.training.node_errors import node_errors
from pipeline.training.state import Weights
from pipeline.training.threads import using_threads

MOST_IMAGES = 10_000

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Reconstructions:
    """Images of a run and their reconstructions."""

    originals: Pixels
    """(N, H, W, C) uint8."""
    reconstructions: Pixels
    """(N, H, W, C) uint8, made by the networks of `step`."""
    errors: NDArray[np.float32]
    """(N,) root mean square errors of values in [-1, 1]."""
    sizes: NDArray[np.int64] | None
    """(N, 2) original heights and widths; None if they are H×W."""
    fit: Fit
    """How the images were made square."""
    run: str
    """Id of the run."""
    step: int
    """Step of the checkpoint."""
    workflow: Workflow
    """The run's workflow."""
    names: Sequence[str] = ()
    """(N) names of the images in their source; () for named sets."""
    skipped: tuple[str, ...] = ()
    """A message for each newer checkpoint that was damaged and skipped."""

    def grid(self) -> bytes:
        """One PNG with the run's workflow in its metadata: rows of originals, each above its row of reconstructions."""
        count, *shape = self.originals.shape
        columns = ceil(sqrt(count))
        rows = ceil(count / columns)
        pairs = np.zeros((2, rows * columns, *shape), np.uint8)
        pairs[:, :count] = self.originals, self.reconstructions
        # (2, rows, columns, …) -> (rows, 2, columns, …): a row of the one, then a row of the other.
        woven = pairs.reshape(2, rows, columns, *shape).swapaxes(0, 1).reshape(-1, *shape)
        texts = document.png_texts(self.workflow, self.run, self.step, 0, VERSION)
        return grid_png(woven, columns, texts=texts)

    def write_grid(self, path: Path) -> None:
        """Write the grid to a file. Raises CannotWrite."""
        write_atomically(path, self.grid())

    def write_each(self, folder: Path) -> None:
        """Write every reconstruction as a PNG at its image's original size, named after its image, or 1.png, 2.png, …
        if the images come from no files. Raises CannotWrite."""
        sizes = None if self.sizes is None else [(int(height), int(width)) for height, width in self.sizes]
        write_files(self.reconstructions, sizes, self.fit, folder, file_stems(self.names))


def reconstruct_from_run(
    store: Store,
    run: str,
    *,
    count: int,
    step: int | None = None,
    weights: Weights = "ema",
    device: str = "auto",
) -> Reconstructions:
    """Encode and decode the first `count` held-out images, or all if there are fewer, without sampling.

    Uses training images if none are held out. step, weights: as in `draw_from_run`. Raises UnusableValue for an invalid
    count and for a run without codes; what `open_run`, `assemble` and `StoredRun.load` raise.
    """
    if not 1 <= count <= MOST_IMAGES:
        raise UnusableValue(f"{whole(count)} images cannot be reconstructed at once: ask for 1 to {MOST_IMAGES:,}.")
    opened = open_run(store, run, step, images=True)
    record = opened.record
    if not opened.checked.trained.training.codes:
        raise UnusableValue(f"Run {record.id} does not encode images, so it cannot reconstruct any.")
    experiment = assemble(opened.checked, store.home, device, record.seed)
    coding = experiment.coding
    assert coding is not None, "a training with codes has a Coding"
    networks = {role: experiment.networks[role] for role in coding.roles}
    found, skipped = opened.load(networks, weights)
    images = experiment.images
    shown = images.to_reconstruct
    places = torch.arange(min(count, shown.count), device=shown.device)
    originals, made, errors = [], [], []
    title = experiment.titles.get(experiment.node, "")
    named = node_errors(experiment.node, "reconstruct images", title)
    with named, using_threads(record.threads), torch.no_grad(), eval_mode(*networks.values()):
        for batch in torch.split(places, BATCH):
            real = shown.batch(batch)
            decoded = coding.reconstruct(networks, real).images
            errors.append(root_mean_square_error(real, decoded, images.values))
            originals.append(to_pixels(real, images.values))
            made.append(to_pixels(decoded, images.values))
    return Reconstructions(
        originals=to_array(torch.cat(originals)),
        reconstructions=to_array(torch.cat(made)),
        errors=torch.cat(errors).cpu().numpy(),
        sizes=None if shown.sizes is None else shown.sizes[: len(places)].cpu().numpy().astype(np.int64),
        fit=images.fit,
        run=record.id,
        step=found,
        workflow=opened.checked.workflow,
        names=shown.names[: len(places)],
        skipped=skipped,
    )
