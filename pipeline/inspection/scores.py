"""What the discriminator thinks of real, generated and held-out images: one look at each that changes nothing."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.inspection.scoring import classes_of, first, score
from pipeline.runs.measurements import SCORE_BINS, SCORE_GROUPS, ScoreProbe
from pipeline.training.adversarial import DISCRIMINATOR, GENERATOR
from pipeline.training.drawing import at_rest
from pipeline.training.trainer import Trainer

MOST = 256
"""Images a group; a histogram of so many shows its shape, and scoring them costs about as much as a few steps."""

SEED = 0
"""Of the latents whose images are scored: the same ones each time, so that what moves is the networks."""

Scores = NDArray[np.float64]


@torch.no_grad()
def shown_scores(trainer: Trainer) -> Mapping[str, Scores] | None:
    """Group -> (N,) shown scores, N at most MOST, of the first training and held-out images and of generated ones.

    Eval mode and the weights that are being trained. None for a run without a discriminator.
    """
    experiment, networks = trainer.experiment, trainer.state.networks
    if not {GENERATOR, DISCRIMINATOR} <= networks.keys():
        return None
    device = experiment.settings.device
    latents = experiment.draw_latents(MOST, torch.Generator(device).manual_seed(SEED))
    with at_rest(*networks.values()):
        groups = (
            first(experiment.images.train, MOST),
            (networks[GENERATOR](latents), classes_of(latents, experiment)),
            first(experiment.images.held_out, MOST),
        )
        scores = [score(networks[DISCRIMINATOR], images, labels, experiment) for images, labels in groups]
        found = [experiment.shown_score(each).cpu().double().numpy() for each in scores]
    return dict(zip(SCORE_GROUPS, found, strict=True))


def histogram_of(scores: Mapping[str, Scores], probability: bool) -> ScoreProbe:
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
    """The scores of this moment as histograms; None for a run without a discriminator."""
    scores = shown_scores(trainer)
    return None if scores is None else histogram_of(scores, trainer.experiment.probability)
