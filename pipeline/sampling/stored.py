"""Draw images from a stored run: build its networks without its data, and load a checkpoint's weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from pipeline import VERSION
from pipeline.data.fitting import Fit, restore_size
from pipeline.errors.machine import UnknownPictureFormat, UnusableValue
from pipeline.formatting import whole
from pipeline.graph import document
from pipeline.graph.workflow import Json, Workflow
from pipeline.runs.atomic_files import write_atomically
from pipeline.runs.store import Store
from pipeline.sampling.grid import grid_png
from pipeline.sampling.loading import How, Loaded, loaded
from pipeline.sampling.restoring import write_files
from pipeline.training.sampler import SamplingProgress, draw_images, no_progress

MOST_IMAGES = 100_000
MOST_BYTES = 1_000_000_000
"""Largest size of the images that are written to one file at another size, before compression."""


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
    columns: int | None = None
    """Of a grid; None for a square one."""
    remarks: tuple[str, ...] = ()
    """As those of `Loaded`."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """How they were drawn, besides the seed: the class and the settings of the sampler."""

    def png(self) -> bytes:
        """One PNG of all images with the run's workflow in its metadata. The same drawing gives the same bytes."""
        texts = document.png_texts(self.workflow, self.run, self.step, self.seed, VERSION, self.facts)
        return grid_png(self.images, self.columns, self.scale, texts)

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
    progress: SamplingProgress = no_progress,
    **how: Unpack[How],
) -> Drawing:
    """Draw `count` images from a run (an id, or "latest"); the same call gives the same images on the same machine.

    step, weights, condition, settings: see `loaded`. progress: called with the number of finished images; it may raise
    to stop. Raises UnusableValue for an invalid count, and what `loaded` and `progress` raise.
    """
    if not 1 <= count <= MOST_IMAGES:
        raise UnusableValue(f"{whole(count)} images cannot be drawn at once: ask for 1 to {MOST_IMAGES:,}.")
    with loaded(store, run, **how) as found:
        latents = found.sampler.latents(count, found.seed, found.condition)
        images = draw_images(found.sampler, found.networks, latents, progress)
        return drawing_of(found, images, found.facts())


def drawing_of(found: Loaded, images: NDArray[np.uint8], facts: Mapping[str, Json], **more: Any) -> Drawing:
    """Images drawn from a loaded run. facts: how, for their metadata. more: further fields."""
    return Drawing(
        images, found.run, found.step, found.seed, found.workflow, found.fit, remarks=found.remarks, facts=facts, **more
    )
