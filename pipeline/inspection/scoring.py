"""Scores of images outside a step: a conditional discriminator is told the class of each, as it is in training."""

import torch
from torch import Tensor, nn

from pipeline.data.images import ImageSet
from pipeline.training.experiment import Experiment


def score(discriminator: nn.Module, images: Tensor, labels: Tensor, experiment: Experiment) -> Tensor:
    """images (B, C, H, W) of classes (B,) int64 -> scores (B,)."""
    scores: Tensor = discriminator(images, *told(experiment, labels))
    return scores


def told(experiment: Experiment, labels: Tensor) -> tuple[Tensor, ...]:
    """What the discriminator takes beside images: their labels where it is conditional, else nothing."""
    return (labels,) if experiment.scores_by_class else ()


def classes_of(latents: Tensor, experiment: Experiment) -> Tensor:
    """(B,) int64: which class each latent (B, dim) asks for; 0 of a generator that cannot be asked."""
    if not experiment.classes:
        return torch.zeros(len(latents), dtype=torch.int64, device=latents.device)
    return latents[:, -experiment.classes :].argmax(dim=1)


def classes_in_turn(count: int, experiment: Experiment, device: torch.device) -> Tensor:
    """(count,) int64: the classes of samples as they are drawn when no class is asked for."""
    return torch.arange(count, device=device) % max(1, experiment.classes)


def first(images: ImageSet, count: int) -> tuple[Tensor, Tensor]:
    """The first `count` of a set, or all where there are fewer: images (N, C, H, W) in [-1, 1] and labels (N,)."""
    places = torch.arange(min(count, images.count), device=images.device)
    return images.batch(places), images.labels.index_select(0, places)
