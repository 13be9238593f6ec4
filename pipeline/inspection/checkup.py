"""The checkup: measurements of what losses do not show, made between two steps whenever samples are drawn.

The diversity of the samples, their distance to real images, dead units, and the family's own measurements
(`training/checkup.py`). It does not affect training: eval mode, no gradients, separate random numbers.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import nan, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.data.images import from_signed, to_float, to_signed
from pipeline.training.checkup import MOST_IMAGES
from pipeline.training.experiment import Experiment
from pipeline.training.inference import eval_mode
from pipeline.training.step_metrics import as_number
from pipeline.training.trainer import Trainer

LATENTS = 32
"""Number of samples for which the units of the sampler's networks are checked."""

ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.SiLU, nn.GELU, nn.Tanh)


class SampleCheckup:
    """Made once per experiment. It keeps the real images that every checkup of the run uses."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        train = experiment.checkup.train.images
        self._device = train.device
        # Distances are computed on the CPU, where the samples are, and where equal images have a distance of exactly 0.
        self._real = to_signed(train.cpu(), experiment.images.values).flatten(1)
        self._real_distance = mean_pairwise_distance(self._real)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the series that `measure` returns, as far as they are declared."""
        return ("diversity", "energy_distance", *(self._experiment.measures or ()), "dead_units")

    @torch.no_grad()
    def measure(self, trainer: Trainer, samples: NDArray[np.uint8]) -> dict[str, float]:
        """Measure the trainer's current state: the checkup series that its training node declares.

        samples: (N, H, W, C) uint8, just drawn by the trainer.

        diversity: mean L2 distance between two samples, divided by that between two training images; 1 is as varied as
        the training images, below 0.5 modes have collapsed. NaN for a single sample.
        energy_distance: 2·E‖x − y‖ − E‖x − x'‖ − E‖y − y'‖ between samples x and training images y, Székely & Rizzo
        2013, where ‖·‖ is the root mean square over an image's values in [-1, 1]. 0 if the two distributions are equal
        (by chance slightly negative); it falls as images improve. NaN for a single sample.
        dead_units: the share of units (channels or features) that are exactly 0 for every image of the checkup, in the
        activation layer where it is largest. NaN without activation layers.

        The result lists the family's measurements before `dead_units`. Raises NodeFailure if code of the family or its
        nodes fails.
        """
        experiment, networks = self._experiment, trainer.state.networks
        fake = to_float(torch.from_numpy(samples[:MOST_IMAGES]).permute(0, 3, 1, 2))
        labels = trainer.sampler.latents(len(fake), seed=0).labels
        with (
            trainer.blamed(experiment.node, "measure its checkup"),
            eval_mode(*networks.values()),
            fired(*networks.values()) as units,
        ):
            if (size := fake.shape[1:]) != (real := experiment.images.train.shape):
                raise ValueError(f"its samples have the shape {tuple(size)}, but its training images have {real}.")
            samples_seen = from_signed(fake, experiment.images.values).to(self._device)
            found = self._declared(experiment.checkup.measure(networks, samples_seen, labels))
            # New latents each time, because a sampler may change them in place.
            experiment.sampler.images(networks, experiment.sampler.latents(LATENTS, seed=0))
            dead = [1 - alive.float().mean() for alive in units.values()]
            # Fetched from the device in one transfer.
            named = [*found.items(), *(("dead_units", share) for share in dead)]
            fetched = [as_number(name, number, self._device) for name, number in named]
            numbers = torch.stack(fetched).tolist() if fetched else []
            diversity, distance = self._distances(fake.flatten(1))
        measured = dict(zip(found, numbers, strict=False))
        shares = numbers[len(found) :]
        return {"diversity": diversity, "energy_distance": distance, **measured, "dead_units": max(shares, default=nan)}

    def _declared(self, measured: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The family's measurements that its training node declares. Raises ValueError if one is missing."""
        declared = self._experiment.measures
        if declared is None:
            return dict(measured)
        if missing := [name for name in declared if name not in measured]:
            raise ValueError(f"the declared series {missing[0]!r} was not measured.")
        return {name: measured[name] for name in declared}

    def _distances(self, fake: Tensor) -> tuple[float, float]:
        """Diversity and energy distance of samples (N, values)."""
        among_fakes = mean_pairwise_distance(fake)
        between = torch.cdist(fake, self._real).mean().item()
        diversity = among_fakes / self._real_distance if self._real_distance else nan
        return diversity, (2 * between - among_fakes - self._real_distance) / sqrt(fake.shape[1])


def mean_pairwise_distance(vectors: Tensor) -> float:
    """E‖x − x'‖₂ over all pairs of different rows of `vectors` (N, values); NaN for a single row."""
    return torch.pdist(vectors).mean().item() if len(vectors) > 1 else nan


@contextmanager
def fired(*networks: nn.Module) -> Iterator[dict[nn.Module, Tensor]]:
    """Record for each activation module, while the networks run, which units were ever nonzero: (units,) bool."""
    found: dict[nn.Module, Tensor] = {}

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if not len(output):
            # An empty batch: the set has no held-out images.
            return
        # The maximum first: `any` over booleans of this size takes ten times as long.
        units = output.abs().amax(dim=[axis for axis in range(output.dim()) if axis != 1]) != 0
        found[module] = units | found[module] if module in found else units

    activations = [module for network in networks for module in network.modules() if isinstance(module, ACTIVATIONS)]
    hooks = [module.register_forward_hook(note) for module in activations]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()
