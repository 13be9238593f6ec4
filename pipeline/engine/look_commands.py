"""The commands LookInside and LookAtCodes: activations, saliency and codes on demand, without side effects."""

from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from pipeline.errors.machine import UnusableValue
from pipeline.inspection import codes, selected_input
from pipeline.inspection.activations import activation_pictures
from pipeline.inspection.saliency import saliency_pictures
from pipeline.runtime.messages.answers import CodesPlane, CodesView, InsideView, Picture, Reconstruction
from pipeline.runtime.messages.commands import LookAtCodes, LookInside
from pipeline.sampling.grid import grid_png
from pipeline.training.trainer import Trainer

WIDTH = 224
"""Minimum width of a picture in pixels, so that the browser does not blur it by enlarging it."""

MOST_RECONSTRUCTED = 64

SALIENCY, ACTIVATIONS, EVERYTHING = "saliency", "activations", "everything"


def look_inside(trainer: Trainer, command: LookInside) -> InsideView:
    """The requested pictures. Raises UnusableValue if a part, network, source or image does not exist."""
    what, number = command.what, command.index
    if what not in (SALIENCY, ACTIVATIONS, EVERYTHING):
        raise UnusableValue(f"{what!r} cannot be shown: choose {SALIENCY}, {ACTIVATIONS} or {EVERYTHING}.")
    pictures: tuple[selected_input.LabelledImages, ...] = ()
    if what == SALIENCY or (what == EVERYTHING and trainer.experiment.scores is not None):
        pictures += saliency_pictures(trainer, number)
    if what != SALIENCY:
        pictures += activation_pictures(trainer, command.role, command.source, number)
    return InsideView(step=trainer.state.step, pictures=tuple(Picture(look.label, _png(look)) for look in pictures))


def look_at_codes(trainer: Trainer, command: LookAtCodes) -> CodesView:
    """Reconstructions of images, and their codes in two dimensions. Raises UnusableValue if `count` is out of range."""
    if not 1 <= command.count <= MOST_RECONSTRUCTED:
        raise UnusableValue(f"{command.count:,} images cannot be shown at once: ask for 1 to {MOST_RECONSTRUCTED}.")
    found = codes.look_at_codes(trainer, command.first, command.count)
    return CodesView(
        step=trainer.state.step,
        groups={
            name: tuple(
                Reconstruction(_pair_png(original, reconstruction), error)
                for original, reconstruction, error in zip(
                    group.originals, group.reconstructions, group.errors.tolist(), strict=True
                )
            )
            for name, group in found.groups.items()
        },
        labels=tuple(found.labels.tolist()),
        planes={
            name: CodesPlane(tuple((x, y) for x, y in plane.points.tolist()), plane.units, plane.shares)
            for name, plane in found.planes.items()
        },
    )


def _pair_png(original: NDArray[np.uint8], reconstruction: NDArray[np.uint8]) -> bytes:
    # uint8 would wrap around below 0, so subtract the smaller value; the absolute difference always fits.
    difference = np.where(original > reconstruction, original - reconstruction, reconstruction - original)
    return grid_png(np.stack([original, reconstruction, difference]), columns=1)


def _png(look: selected_input.LabelledImages) -> bytes:
    count, _, width, _ = look.images.shape
    return grid_png(look.images, scale=ceil(WIDTH / (width * ceil(sqrt(count)))))
