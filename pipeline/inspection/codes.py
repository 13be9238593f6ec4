"""Reconstructions of images and plane projections of their codes, for runs that encode images, between two steps."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.images import ImageSet, to_array, to_pixels
from pipeline.errors.machine import UnusableValue
from pipeline.inspection.scores import first
from pipeline.training.coding import Coding, codes_of, root_mean_square_error
from pipeline.training.inference import eval_mode
from pipeline.training.trainer import Trainer

MOST_POINTS = 500
"""Images whose codes are plotted: more could not be distinguished in one plot."""

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """Images of one set and their reconstructions, each (n, H, W, C) uint8.

    errors: (n,) root mean square errors of values in [-1, 1]; 0 for a perfect reconstruction.
    """

    originals: NDArray[np.uint8]
    reconstructions: NDArray[np.uint8]
    errors: Float32Array


@dataclass(frozen=True, eq=False)
class CodePlane:
    """Codes projected to two dimensions.

    points: (N, 2). units: the two latent dimensions, from 1, or () for principal components. shares: share of the
    codes' total variance along each axis, from 0 to 1.
    """

    points: Float32Array
    units: tuple[int, ...]
    shares: tuple[float, float]


@dataclass(frozen=True, eq=False)
class CodesSeen:
    """Reconstructions and projected codes of a run.

    groups: "held-out" and "real" (training) images. labels: (N,) int64, classes of the images whose codes are plotted.
    planes: "variance", the two latent dimensions with the largest variance, and "components", the principal components.
    """

    groups: Mapping[str, Reconstructed]
    labels: NDArray[np.int64]
    planes: Mapping[str, CodePlane]


@torch.no_grad()
def look_at_codes(trainer: Trainer, start: int, count: int) -> CodesSeen:
    """Reconstruct images `start` to `start + count − 1` of each set, and encode at most MOST_POINTS held-out images.

    start: from 1. Training images are encoded if none are held out. Uses the raw weights, without sampling, and does
    not affect training. Raises UnusableValue for a run without codes, and if no set has an image `start`.
    """
    coding, images = trainer.experiment.coding, trainer.experiment.images
    if coding is None:
        raise UnusableValue("This run does not encode images, so there are no codes to show.")
    shown = {"held-out": images.held_out, "real": images.train} if images.held_out.count else {"real": images.train}
    most = max(each.count for each in shown.values())
    if not 1 <= start <= most:
        raise UnusableValue(f"There is no image {start:,}: choose one from 1 to {most:,}.")
    groups = {
        name: _reconstructed(trainer, coding, each, start, count) for name, each in shown.items() if start <= each.count
    }
    drawn, labels = first(images.to_reconstruct, MOST_POINTS)
    codes = codes_of(coding, trainer.state.networks, drawn)
    planes = {"variance": widest_units(codes), "components": principal_components(codes)}
    return CodesSeen(groups, labels.cpu().numpy(), planes)


def widest_units(codes: Tensor) -> CodePlane:
    """The two latent dimensions of codes (N, dim) with the largest variance; with one dimension, the second is 0."""
    variances = codes.var(0, correction=0)
    units = variances.argsort(descending=True)[:2]
    total = variances.sum().clamp_min(torch.finfo(codes.dtype).tiny)
    return _plane(codes[:, units], tuple(1 + int(unit) for unit in units), variances[units] / total)


def principal_components(codes: Tensor) -> CodePlane:
    """Codes (N, dim) projected to their first two principal components (Pearson 1901), centred at 0."""
    centred = codes - codes.mean(0)
    _, spreads, directions = torch.linalg.svd(centred, full_matrices=False)
    total = spreads.square().sum().clamp_min(torch.finfo(codes.dtype).tiny)
    return _plane(centred @ directions[:2].T, (), spreads[:2].square() / total)


def _plane(points: Tensor, units: tuple[int, ...], shares: Tensor) -> CodePlane:
    lacking = 2 - points.shape[1]
    first, second = torch.nn.functional.pad(shares, (0, lacking)).tolist()
    return CodePlane(torch.nn.functional.pad(points, (0, lacking)).cpu().numpy(), units, (first, second))


def _reconstructed(trainer: Trainer, coding: Coding, images: ImageSet, start: int, count: int) -> Reconstructed:
    places = torch.arange(start - 1, min(images.count, start - 1 + count), device=images.device)
    networks = trainer.state.networks
    real = images.batch(places)
    with eval_mode(*networks.values()):
        made = coding.reconstruct(networks, real).images
    errors = root_mean_square_error(real, made, images.values)
    originals, reconstructions = (to_array(to_pixels(each, images.values)) for each in (real, made))
    return Reconstructed(originals, reconstructions, errors.cpu().numpy())
