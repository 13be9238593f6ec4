"""The checkup: what losses do not say of a run, measured between two steps whenever samples are drawn.

Are the samples as varied as real images, do they come nearer to them, are there units that never fire; and what the
family of the run measures beside that (`training/checkup.py`). It changes nothing in training: eval mode, no gradients,
random numbers of its own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import nan, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.data.images import to_float
from pipeline.training.checkup import MOST_IMAGES
from pipeline.training.experiment import Experiment
from pipeline.training.inference import at_rest
from pipeline.training.step_metrics import as_number
from pipeline.training.trainer import Trainer

LATENTS = 32
"""Samples that the units of the networks that make images are watched on."""

ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.SiLU, nn.GELU, nn.Tanh)


class SampleCheckup:
    """Made once for an experiment: it keeps the real images and the noise that every checkup of the run looks at."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        train = experiment.checkup.train.images
        self._device = train.device
        # Distances are worked out on the CPU, where samples come in, and where equal images are exactly 0 apart.
        self._real = train.cpu().flatten(1)
        self._real_distance = mean_pairwise_distance(self._real)

    @torch.no_grad()
    def measure(self, trainer: Trainer, samples: NDArray[np.uint8]) -> dict[str, float]:
        """What there is to measure of the trainer's state as it is: the series that its training node declares.

        samples: (N, H, W, C) uint8 that it has just drawn.

        diversity: mean L2 distance between two samples, divided by that between two training images; 1 is as varied as
        these, below 0.5 modes have collapsed. NaN for a single sample.
        energy_distance: 2·E‖x − y‖ − E‖x − x'‖ − E‖y − y'‖ between samples x and training images y, Székely & Rizzo
        2013, with the root mean square over an image's values in [-1, 1] for ‖·‖. 0 where both are alike, and by chance
        a little below; it falls as images get better. NaN for a single sample.
        dead_units: the largest share, over all layers that end in an activation, of units (channels or features) that
        are exactly 0 for every image looked at. NaN where no layer does.

        Between these, what the family measures. Raises NodeFailure where something of the family's fails.
        """
        experiment, networks = self._experiment, trainer.state.networks
        fake = to_float(torch.from_numpy(samples[:MOST_IMAGES]).permute(0, 3, 1, 2))
        labels = trainer.latents(len(fake), seed=0).labels
        with (
            trainer.blamed(experiment.node, "measure its checkup"),
            at_rest(*networks.values()),
            fired(*networks.values()) as units,
        ):
            if (size := fake.shape[1:]) != (real := experiment.images.train.shape):
                raise ValueError(f"its samples are {tuple(size)}, and the images that it learns from {real}.")
            found = self._declared(experiment.checkup.measure(networks, fake.to(self._device), labels))
            # Made anew each time, as a sampler may change what it is given.
            experiment.sampler.images(networks, experiment.sampler.latents(LATENTS, seed=0))
            dead = [1 - alive.float().mean() for alive in units.values()]
            # Fetched from the device at once.
            named = [*found.items(), *(("dead_units", share) for share in dead)]
            fetched = [as_number(name, number, self._device) for name, number in named]
            numbers = torch.stack(fetched).tolist() if fetched else []
            diversity, distance = self._distances(fake.flatten(1))
        measured = dict(zip(found, numbers, strict=False))
        shares = numbers[len(found) :]
        return {"diversity": diversity, "energy_distance": distance, **measured, "dead_units": max(shares, default=nan)}

    def _declared(self, measured: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Of what the family has measured, what its training node declares. Raises ValueError where some is missing."""
        declared = self._experiment.measures
        if declared is None:
            return dict(measured)
        if missing := [name for name in declared if name not in measured]:
            raise ValueError(f"nothing measured {missing[0]!r}, which is declared.")
        return {name: measured[name] for name in declared}

    def _distances(self, fake: Tensor) -> tuple[float, float]:
        """Diversity and energy distance of samples (N, values)."""
        among_fakes = mean_pairwise_distance(fake)
        between = torch.cdist(fake, self._real).mean().item()
        diversity = among_fakes / self._real_distance if self._real_distance else nan
        return diversity, (2 * between - among_fakes - self._real_distance) / sqrt(fake.shape[1])


def mean_pairwise_distance(vectors: Tensor) -> float:
    """E‖x − x'‖₂ over the pairs of different rows of (N, values); NaN for a single one."""
    return torch.pdist(vectors).mean().item() if len(vectors) > 1 else nan


@contextmanager
def fired(*networks: nn.Module) -> Iterator[dict[nn.Module, Tensor]]:
    """Fills in, of each activation module as the networks run, which of its units have not been 0: (units,) bool."""
    found: dict[nn.Module, Tensor] = {}

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if not len(output):
            # A set without held-out images.
            return
        # The largest first: `any` of as many truth values takes ten times as long.
        units = output.abs().amax(dim=[axis for axis in range(output.dim()) if axis != 1]) != 0
        found[module] = units | found[module] if module in found else units

    activations = [module for network in networks for module in network.modules() if isinstance(module, ACTIVATIONS)]
    hooks = [module.register_forward_hook(note) for module in activations]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()
