"""Draw the way from noise to images: some moments of a sampler's path."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.images import to_array, to_pixels
from pipeline.training.inference import Networks, eval_mode
from pipeline.training.sampler import Latents, Sampler, SamplingProgress, batches_of, no_progress


class DrawnMoment(NamedTuple):
    """A moment of a path. label: which one, such as "t = 0.75". images: (N, H, W, C) uint8."""

    label: str
    images: NDArray[np.uint8]


def chosen_moments(passes: int, columns: int) -> list[int]:
    """At most `columns` of the moments 0 to `passes`, evenly spread, with the first and the last."""
    if columns > passes:
        return list(range(passes + 1))
    return [round(passes * place / max(1, columns - 1)) for place in range(columns)]


def draw_path(
    sampler: Sampler,
    networks: Networks,
    latents: Latents,
    picture: str,
    columns: int,
    progress: SamplingProgress = no_progress,
) -> list[DrawnMoment]:
    """Draw some moments of the path, the last with the same images as `draw_images`.

    picture: a name in `Moment.pictures`. columns: 2 or more. Raises what `progress` raises; it is called after every
    pass with the passes done and their number.
    """
    wanted = set(chosen_moments(sampler.passes, columns))
    labels: list[str] = []
    drawn: list[list[Tensor]] = []
    batches = list(batches_of(latents))
    done, total = 0, len(batches) * (sampler.passes + 1)
    for batch in batches:
        made: list[Tensor] = []
        labels = []
        with torch.no_grad(), eval_mode(*(networks[role] for role in sampler.roles)):
            for number, moment in enumerate(sampler.path(networks, batch.latents)):
                if number in wanted:
                    labels.append(moment.label)
                    made.append(to_pixels(moment.pictures[picture]().float(), sampler.value_range)[batch.rows])
                done += 1
                progress(done, total)
        drawn.append(made)
    return [
        DrawnMoment(label, to_array(torch.cat(parts)))
        for label, parts in zip(labels, zip(*drawn, strict=True), strict=True)
    ]
