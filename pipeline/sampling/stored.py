"""Draw images from a stored run: build its networks without its data, and load a checkpoint's weights."""

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline import VERSION
from pipeline.data.fitting import Fit, restore_size
from pipeline.errors.machine import UnknownPictureFormat, UnusableValue
from pipeline.formatting import whole
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import assemble
from pipeline.runs.atomic_files import write_atomically
from pipeline.runs.store import Store
from pipeline.sampling.checkpoints import open_run
from pipeline.sampling.grid import grid_png
from pipeline.sampling.restoring import write_files
from pipeline.training.condition import UNCONDITIONAL, Condition, require
from pipeline.training.node_errors import node_errors
from pipeline.training.sampler import SamplingProgress, draw_images, no_progress
from pipeline.training.state import Weights
from pipeline.training.threads import using_threads

MOST_IMAGES = 100_000
MOST_BYTES = 1_000_000_000
"""Largest size of the images that are written to one file at another size, before compression."""
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Drawing:
    """Images drawn from one run."""

    images: NDArray[np.uint8]
    """(N, H, W, C) uint8."""
    run: str
    """Id of the run."""
    step: int
    """Step of the checkpoint."""
    seed: int
    """Seed of the images' random streams."""
    workflow: Workflow
    """The run's workflow."""
    fit: Fit = "stretch"
    """How the run's real images were made square."""
    scale: int | None = None
    """Integer factor of enlargement in a grid; None for one that makes small images visible."""
    skipped: tuple[str, ...] = ()
    """A message for each newer checkpoint that was damaged and skipped."""

    def png(self) -> bytes:
        """One PNG of all images with the run's workflow in its metadata. The same drawing gives the same bytes."""
        texts = document.png_texts(self.workflow, self.run, self.step, self.seed, VERSION)
        return grid_png(self.images, scale=self.scale, texts=texts)

    def npz(self) -> bytes:
        """A numpy archive that holds `images`. The same drawing gives the same bytes."""
        stream = BytesIO()
        np.savez_compressed(stream, images=self.images)
        return stream.getvalue()

    def resized(self, size: tuple[int, int]) -> "Drawing":
        """The same images restored to this (height, width) by undoing `fit`. Raises UnusableValue if they would take
        more than MOST_BYTES."""
        needed = len(self.images) * size[0] * size[1] * self.images.shape[-1]
        if needed > MOST_BYTES:
            raise UnusableValue(
                f"{len(self.images):,} images of {size[0]:,}×{size[1]:,} pixels are too many for one file: ask for "
                "fewer, for a smaller size, or name a folder, which gets a file per image."
            )
        return replace(self, images=np.stack([restore_size(image, size, self.fit) for image in self.images]), scale=1)

    def write(self, path: Path) -> None:
        """Write to `path`, in the format of its extension, .png or .npz. Raises UnknownPictureFormat, CannotWrite."""
        content = {".png": self.png, ".npz": self.npz}.get(path.suffix.lower())
        if content is None:
            raise UnknownPictureFormat(path.name)
        write_atomically(path, content())

    def write_each(self, folder: Path, size: tuple[int, int]) -> None:
        """Write every image as 1.png, 2.png, …, restored to this (height, width) by undoing `fit`.

        Raises CannotWrite.
        """
        write_files(self.images, [size] * len(self.images), self.fit, folder)


def draw_from_run(
    store: Store,
    run: str,
    *,
    count: int,
    seed: int,
    step: int | None = None,
    weights: Weights = "ema",
    condition: Condition = UNCONDITIONAL,
    device: str = "auto",
    progress: SamplingProgress = no_progress,
) -> Drawing:
    """Draw `count` images from a run (an id, or "latest"); the same call gives the same images on the same machine.

    step: step of the checkpoint to use; None for the newest undamaged one. weights: "ema" for the moving average, or
    the raw weights if none was kept. condition: what the images should show, such as a class. progress: called with the
    number of finished images; it may raise to stop.

    Raises UnusableValue for an invalid count, seed or condition; UnknownDevice, NodeFailure; what `open_run`,
    `StoredRun.load` and `progress` raise.
    """
    if not 1 <= count <= MOST_IMAGES:
        raise UnusableValue(f"{whole(count)} images cannot be drawn at once: ask for 1 to {MOST_IMAGES:,}.")
    if not 0 <= seed <= LARGEST_SEED:
        raise UnusableValue(f"{whole(seed)} is not a valid seed: choose a whole number from 0 to {LARGEST_SEED}.")
    opened = open_run(store, run, step)
    record, training = opened.record, opened.checked.trained.training
    require(condition, training.conditions)
    # Built without images; a sampler that starts from real images raises an error.
    experiment = assemble(opened.checked, store.home, device, record.seed, images=False)
    # As many threads as the run uses: the last bits of an image may depend on their number.
    threads = using_threads(record.threads)
    with threads, node_errors(experiment.node, "draw its images", experiment.titles.get(experiment.node, "")):
        sampler = experiment.sampler
        networks = {role: experiment.networks[role] for role in sampler.roles}
        at, skipped = opened.load(networks, weights)
        images = draw_images(sampler, networks, sampler.latents(count, seed, condition), progress)
    return Drawing(images, record.id, at, seed, opened.checked.workflow, training.images.fit, skipped=skipped)
