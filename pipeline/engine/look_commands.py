"""The commands `look_inside` and `look_at_codes`: activations, saliency and codes on demand, without side effects."""

from collections.abc import Callable, Mapping
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors.machine import UnusableValue
from pipeline.inspection import codes, selected_input
from pipeline.inspection.activations import activation_looks
from pipeline.inspection.saliency import saliency_looks
from pipeline.sampling.grid import grid_png
from pipeline.training.trainer import Trainer

WIDTH = 224
"""Minimum width of a picture in pixels, so that the browser does not blur it by enlarging it."""

MOST_RECONSTRUCTED = 64

LookFunction = Callable[[Trainer, Mapping[str, Any]], tuple[dict[str, Any], tuple[bytes, ...]]]
"""(trainer, arguments of the command) -> values and PNGs of the answer."""

SALIENCY, ACTIVATIONS, EVERYTHING = "saliency", "activations", "everything"


def look_inside(trainer: Trainer, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    """The pictures that `arguments` request: values {"step", "labels"} and a PNG for each label.

    arguments: "what" is "saliency" (a real and a fake image, each with its saliency map), "activations" (the input of
    the network "role", then the output of each layer) or "everything" (both, but only activations if no network scores
    images); "source" is "real", "held-out" or "fake", for activations of a network that takes images; "index" is the
    image's position in the grid, from 1.

    Raises UnusableValue for an invalid argument.
    """
    what, number = str(arguments["what"]), int(arguments["index"])
    if what not in (SALIENCY, ACTIVATIONS, EVERYTHING):
        raise UnusableValue(f"{what!r} cannot be shown: choose {SALIENCY}, {ACTIVATIONS} or {EVERYTHING}.")
    looks: tuple[selected_input.LabelledImages, ...] = ()
    if what == SALIENCY or (what == EVERYTHING and trainer.experiment.scores is not None):
        looks += saliency_looks(trainer, number)
    if what != SALIENCY:
        looks += activation_looks(trainer, str(arguments["role"]), str(arguments["source"]), number)
    return {"step": trainer.state.step, "labels": [look.label for look in looks]}, tuple(map(_png, looks))


def look_at_codes(trainer: Trainer, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    """Reconstructions and codes: values, and a PNG per image with original, reconstruction and absolute difference.

    arguments: "first" is the number of the first image in its set, from 1; "count" is the number of images. values:
    "step"; "groups", set -> root mean square error of each image, with the PNGs in the same order; "labels", classes of
    the plotted codes; "planes", name -> "points", "units" and "shares" as in `inspection.codes.Plane`. Raises
    UnusableValue.
    """
    count = int(arguments["count"])
    if not 1 <= count <= MOST_RECONSTRUCTED:
        raise UnusableValue(f"{count:,} images cannot be shown at once: ask for 1 to {MOST_RECONSTRUCTED}.")
    seen = codes.look_at_codes(trainer, int(arguments["first"]), count)
    values = {
        "step": trainer.state.step,
        "groups": {name: group.errors.tolist() for name, group in seen.groups.items()},
        "labels": seen.labels.tolist(),
        "planes": {
            name: {"points": plane.points.tolist(), "units": plane.units, "shares": plane.shares}
            for name, plane in seen.planes.items()
        },
    }
    pairs = [
        pair for group in seen.groups.values() for pair in zip(group.originals, group.reconstructions, strict=True)
    ]
    return values, tuple(_pair_png(*pair) for pair in pairs)


def _pair_png(original: NDArray[np.uint8], reconstruction: NDArray[np.uint8]) -> bytes:
    # uint8 would wrap around below 0, so subtract the smaller value; the absolute difference always fits.
    difference = np.where(original > reconstruction, original - reconstruction, reconstruction - original)
    return grid_png(np.stack([original, reconstruction, difference]), columns=1)


def _png(look: selected_input.LabelledImages) -> bytes:
    count, _, width, _ = look.images.shape
    return grid_png(look.images, scale=ceil(WIDTH / (width * ceil(sqrt(count)))))
