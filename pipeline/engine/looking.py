"""The command `look_inside`: pictures of what the networks make of one image, on demand and leaving no trace."""

from collections.abc import Mapping
from math import ceil, sqrt
from typing import Any

from pipeline.errors.machine import UnusableValue
from pipeline.inspection.activations import activation_looks
from pipeline.inspection.chosen import Look
from pipeline.inspection.saliency import saliency_looks
from pipeline.sampling.grid import grid_png
from pipeline.training.adversarial import DISCRIMINATOR, GENERATOR
from pipeline.training.trainer import Trainer

WIDTH = 224
"""Pixels that a picture is at least wide, so that the browser need not blur it by growing it."""

SALIENCY, ACTIVATIONS, EVERYTHING = "saliency", "activations", "everything"


def look_inside(trainer: Trainer, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    """The pictures that `arguments` ask for, as values {"step", "labels"} and a PNG for each label.

    arguments: "what" is "saliency" (a real and a fake image, each with the slopes of its score), "activations" (what
    goes into the network "role", then every layer of it) or "everything"; "source" is "real" or "fake", for
    activations of the discriminator; "index" the image's place in the grid, from 1.

    Raises UnusableValue for what there is not.
    """
    if not {GENERATOR, DISCRIMINATOR} <= trainer.state.networks.keys():
        raise UnusableValue("Look inside needs a run with a generator and a discriminator; this one has others.")
    what, number = str(arguments["what"]), int(arguments["index"])
    if what not in (SALIENCY, ACTIVATIONS, EVERYTHING):
        raise UnusableValue(f"There is no {what!r} to look at: choose {SALIENCY}, {ACTIVATIONS} or {EVERYTHING}.")
    looks: tuple[Look, ...] = ()
    if what != ACTIVATIONS:
        looks += saliency_looks(trainer, number)
    if what != SALIENCY:
        looks += activation_looks(trainer, str(arguments["role"]), str(arguments["source"]), number)
    return {"step": trainer.state.step, "labels": [look.label for look in looks]}, tuple(map(_png, looks))


def _png(look: Look) -> bytes:
    count, _, width, _ = look.images.shape
    return grid_png(look.images, scale=ceil(WIDTH / (width * ceil(sqrt(count)))))
