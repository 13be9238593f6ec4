"""Scores of real, generated and held-out images, computed without affecting training."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.images import ImageSet
from pipeline.runs.probe_records import SCORE_BINS, SCORE_GROUPS, ScoreProbe
from pipeline.training.inference import eval_mode
from pipeline.training.trainer import Trainer

MOST = 256
"""Images per group; enough to show the shape of a histogram, at about the cost of a few steps."""

SEED = 0
"""Seed of the scored samples: always the same latents, so that only the networks change between probes."""

ScoreArray = NDArray[np.float64]


@torch.no_grad()
def shown_scores(trainer: Trainer) -> Mapping[str, ScoreArray] | None:
    """Group -> (N,) shown scores, N at most MOST, of the first training images, samples and first held-out images.

    N is 0 for held-out images if there are none. Eval mode, raw weights. None for a run in which no network scores
    images. Raises NodeFailure.
    """
    experiment, networks, scores = trainer.experiment, trainer.state.networks, trainer.experiment.scores
    if scores is None:
        return None
    with trainer.blamed(experiment.node, "score images"), eval_mode(*networks.values()):
        latents = experiment.sampler.latents(MOST, SEED)
        groups = (
            first(experiment.images.train, MOST),
            (experiment.sampler.images(networks, latents), latents.labels),
            first(experiment.images.held_out, MOST),
        )
        # Nothing is scored without calling the network: not every layer takes a batch of nothing.
        found = [
            scores.shown(scores.of(networks, images, labels)) if len(images) else images.new_empty(0)
            for images, labels in groups
        ]
        return dict(zip(SCORE_GROUPS, (each.cpu().double().numpy() for each in found), strict=True))


def first(images: ImageSet, count: int) -> tuple[Tensor, Tensor]:
    """The first `count` images of a set, or all if there are fewer: (N, C, H, W) and labels (N,)."""
    places = torch.arange(min(count, images.count), device=images.device)
    return images.batch(places), images.labels.index_select(0, places)


def histogram_of(scores: Mapping[str, ScoreArray], probability: bool) -> ScoreProbe:
    """Histograms of the scores (N,) of each group, over bins shared by all groups.

    probability: whether scores are in [0, 1]; if not, the bins range from the lowest finite score to the highest.
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
    """Histograms of the current scores; None for a run in which no network scores images."""
    scores = shown_scores(trainer)
    of = trainer.experiment.scores
    return None if scores is None or of is None else histogram_of(scores, of.probability)
