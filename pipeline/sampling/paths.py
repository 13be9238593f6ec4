"""Draw the way from noise to images, and images between two others, from a stored run."""

from typing import NamedTuple, Unpack

import torch

from pipeline.errors.base import nearest
from pipeline.errors.machine import UnusableValue
from pipeline.formatting import listed, shortened, whole
from pipeline.runs.store import Store
from pipeline.sampling.loading import How, Loaded, loaded
from pipeline.sampling.stored import Drawing, drawing_of
from pipeline.training.condition import of_class
from pipeline.training.path_drawing import draw_path
from pipeline.training.sampler import Latents, SamplingProgress, draw_images, no_progress
from pipeline.training.streams import streams

MOST_ROWS, MOST_COLUMNS, MOST_FRAMES = 16, 24, 32
LARGEST_NUMBER = 100_000
"""Of an image of a seed, from 1."""


class Column(NamedTuple):
    """A moment on the way. label: which one. drawing: all images at this moment, one under the other."""

    label: str
    drawing: Drawing


def path_from_run(
    store: Store,
    run: str,
    *,
    rows: int,
    columns: int,
    picture: str,
    progress: SamplingProgress = no_progress,
    **how: Unpack[How],
) -> list[Column]:
    """Draw images 1 to `rows` of a seed at `columns` moments, or fewer if the way has fewer.

    picture: a name in the family's `SamplingPath.pictures`. progress: called with the passes done and their number; it
    may raise to stop. The rest is as in `draw_from_run`, whose images the last column shows. Raises UnusableValue for
    an invalid number or picture, and for runs that make images in one pass; what `loaded` and `progress` raise.
    """
    _require_number(rows, 1, MOST_ROWS, "images")
    _require_number(columns, 2, MOST_COLUMNS, "moments")
    with loaded(store, run, **how) as found:
        shown = found.family.path
        if shown is None:
            raise UnusableValue(
                f"Run {found.run} makes its images in one pass, so there is nothing in between to show."
            )
        if picture not in shown.pictures:
            wanted = shortened(picture)
            raise UnusableValue(
                f"There is no picture {wanted!r}{nearest(wanted, shown.pictures)} Choose {listed(shown.pictures)}."
            )
        latents = found.sampler.latents(rows, found.seed, found.condition)
        moments = draw_path(found.sampler, found.networks, latents, picture, columns, progress)
        facts = found.facts()
        return [
            Column(each.label, drawing_of(found, each.images, {**facts, "moment": each.label}, columns=1))
            for each in moments
        ]


def between_from_run(
    store: Store,
    run: str,
    *,
    first: int,
    last: int,
    frames: int,
    progress: SamplingProgress = no_progress,
    **how: Unpack[How],
) -> Drawing:
    """Draw `frames` images from image `first` of a seed to image `last`, by interpolating their noise; one row.

    first, last: numbers from 1. The class is that of the first image unless one is asked for, and the sampler draws no
    random numbers on the way (`Sampler.steady`). The rest is as in `draw_from_run`. Raises UnusableValue for an invalid
    number; what `loaded` and `progress` raise.
    """
    _require_number(frames, 2, MOST_FRAMES, "frames")
    for number in (first, last):
        if not 1 <= number <= LARGEST_NUMBER:
            raise UnusableValue(f"There is no image {whole(number)}: choose a number from 1 to {LARGEST_NUMBER:,}.")
    if first == last:
        raise UnusableValue(f"There is nothing between image {first:,} and itself: choose two different numbers.")
    with loaded(store, run, **how) as found:
        sampler = found.sampler.steady()
        latents = _between(found, first, last, frames)
        images = draw_images(sampler, found.networks, latents, progress)
        facts = {**found.facts(sampler), "from": first, "to": last}
        return drawing_of(found, images, facts, columns=frames)


def _between(found: Loaded, first: int, last: int, frames: int) -> Latents:
    """The latents of the frames, all of one class."""
    sampler = found.sampler
    begin = sampler.latents(1, found.seed, found.condition, first - 1)
    label = None if begin.labels is None else int(begin.labels[0])
    end = sampler.latents(1, found.seed, of_class(label), last - 1)
    shares = torch.linspace(0, 1, frames, dtype=torch.float64)
    values = sampler.between(torch.cat([begin.values, end.values]), shares)
    labels = None if begin.labels is None else begin.labels.expand(frames)
    # The streams say in which batch an image is made; a steady sampler draws nothing from them.
    return Latents(values, streams(found.seed, frames, values.device), labels)


def _require_number(number: int, low: int, high: int, what: str) -> None:
    if not low <= number <= high:
        raise UnusableValue(f"{whole(number)} {what} cannot be shown at once: ask for {low} to {high}.")
