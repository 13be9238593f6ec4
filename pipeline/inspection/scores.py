"""How real, generated and held-out images are scored: one look at each that changes nothing."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.images import ImageSet
from pipeline.runs.probe_records import SCORE_BINS, SCORE_GROUPS, ScoreProbe
from pipeline.training.inference import at_rest
from pipeline.training.trainer import Trainer

MOST = 256
"""Images a group; a histogram of so many shows its shape, and scoring them costs about as much as a few steps."""

SEED = 0
"""Of the latents whose images are scored: the same ones each time, so that what moves is the networks."""

ScoreArray = NDArray[np.float64]


@torch.no_grad()
def shown_scores(trainer: Trainer) -> Mapping[str, ScoreArray] | None:
    """Group -> (N,) shown scores, N at most MOST, of the first training and held-out images and of generated ones.

    Eval mode and the weights that are being trained. None for a run in which nothing scores images. Raises NodeFailure.
    """
    experiment, networks, scores = trainer.experiment, trainer.state.networks, trainer.experiment.scores
    if scores is None:
        return None
    with trainer.blamed(experiment.node, "score images"), at_rest(*networks.values()):
        latents = experiment.sampler.latents(MOST, SEED)
        groups = (
            first(experiment.images.train, MOST),
            (experiment.sampler.images(networks, latents), latents.labels),
            first(experiment.images.held_out, MOST),
        )
        found = [scores.shown(scores.of(networks, images, labels)) for images, labels in groups]
        return dict(zip(SCORE_GROUPS, (each.cpu().double().numpy() for each in found), strict=True))


def first(images: ImageSet, count: int) -> tuple[Tensor, Tensor]:
    """The first `count` of a set, or all where there are fewer: images (N, C, H, W) in [-1, 1] and labels (N,)."""
    places = torch.arange(min(count, images.count), device=images.device)
    return images.batch(places), images.labels.index_select(0, places)


def histogram_of(scores: Mapping[str, ScoreArray], probability: bool) -> ScoreProbe:
    """Scores (N,) of each group as shares of images over bins that the groups have in common.

    probability: whether scores lie from 0 to 1; if not, the bins reach from the lowest finite score to the highest.
    """
    finite = {group: values[np.isfinite(values)] for group, values in scores.items()}
    everything = np.concatenate([*finite.values()])
    low, high = (0.0, 1.0) if probability or not everything.size else (everything.min(), everything.max())
    edges = np.linspace(low, high, SCORE_BINS + 1) if low < high else np.linspace(low - 0.5, low + 0.5, SCORE_BINS + 1)
    return ScoreProbe(
        edges=edges,
        counts={group: np.histogram(values, edges)[0].astype(np.int64) for group, values in finite.items()},
        means={group: float(values.mean()) if values.size else float("nan") for group, values in finite.items()},
    )


def score_probe(trainer: Trainer) -> ScoreProbe | None:
    """The scores of this moment as histograms; None for a run in which nothing scores images."""
    scores = shown_scores(trainer)
    of = trainer.experiment.scores
    return None if scores is None or of is None else histogram_of(scores, of.probability)
