"""The checkup: what losses do not say of a run, measured between two steps whenever samples are drawn.

Are the samples as varied as real images, do they come nearer to them, has the discriminator learnt its images by heart,
are there units that never fire. It changes nothing in training: eval mode, no gradients, random numbers of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import nan, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.data.images import ImageSet, to_float
from pipeline.inspection.layers import at_rest
from pipeline.runs.measurements import CHECKUP_SERIES
from pipeline.training.adversarial import DISCRIMINATOR, GENERATOR
from pipeline.training.experiment import Experiment
from pipeline.training.trainer import Trainer

MOST_IMAGES = 128
"""Images looked at of each kind: training, held-out, samples. More would say little more and take longer."""

LATENTS = 32
"""Latent vectors that the generator's units are watched on."""

ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.SiLU, nn.GELU, nn.Tanh)


class Checkup:
    """Made once for an experiment: it keeps the real images and the noise that every checkup of the run looks at."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._train = spread(experiment.images.train)
        self._held_out = spread(experiment.images.held_out)
        # Distances are worked out on the CPU, where samples come in, and where equal images are exactly 0 apart.
        self._real = self._train.cpu().flatten(1)
        self._real_distance = mean_pairwise_distance(self._real)
        random = torch.Generator(experiment.settings.device).manual_seed(0)
        self._latents = experiment.draw_latents(LATENTS, random)

    @torch.no_grad()
    def measure(self, trainer: Trainer, samples: NDArray[np.uint8]) -> dict[str, float]:
        """The CHECKUP_SERIES of the trainer's state as it is. samples: (N, H, W, C) uint8 that it has just drawn.

        diversity: mean L2 distance between two samples, divided by that between two training images; 1 is as varied as
        these, below 0.5 modes have collapsed. NaN for a single sample.
        energy_distance: 2·E‖x − y‖ − E‖x − x'‖ − E‖y − y'‖ between samples x and training images y, Székely & Rizzo
        2013, with the root mean square over an image's values in [-1, 1] for ‖·‖. 0 where both are alike, and by chance
        a little below; it falls as images get better. NaN for a single sample.
        D_train, D_held_out: mean shown score of training and of held-out images.
        r_t: E[sign(D(x))] of training images on logits, Karras et al. 2020 (arXiv 2006.06676); near 1 the
        discriminator knows them by heart. NaN where scores are no logits.
        dead_units: the largest share, over all layers that end in an activation, of units (channels or features) that
        are exactly 0 for every image looked at. NaN where no layer does.
        """
        fake = to_float(torch.from_numpy(samples[:MOST_IMAGES]).permute(0, 3, 1, 2))
        networks = trainer.state.networks
        generator, discriminator = networks[GENERATOR], networks[DISCRIMINATOR]
        with at_rest(generator, discriminator), fired(generator, discriminator) as units:
            train, held_out = discriminator(self._train), discriminator(self._held_out)
            # Their scores are not asked for: units that only generated images make fire are not dead.
            discriminator(fake.to(self._train.device))
            generator(self._latents)
        shown = self._experiment.shown_score
        r_t = train.sign().mean() if self._experiment.probability else train.new_tensor(nan)
        dead = [1 - alive.float().mean() for alive in units.values()]
        d_train, d_held_out, sign, *shares = torch.stack(
            [shown(train).mean(), shown(held_out).mean(), r_t, *dead]
        ).tolist()
        diversity, distance = self._distances(fake.flatten(1))
        values = (diversity, distance, d_train, d_held_out, sign, max(shares, default=nan))
        return dict(zip(CHECKUP_SERIES, values, strict=True))

    def _distances(self, fake: Tensor) -> tuple[float, float]:
        """Diversity and energy distance of samples (N, values)."""
        among_fakes = mean_pairwise_distance(fake)
        between = torch.cdist(fake, self._real).mean().item()
        diversity = among_fakes / self._real_distance if self._real_distance else nan
        return diversity, (2 * between - among_fakes - self._real_distance) / sqrt(fake.shape[1])


def spread(images: ImageSet) -> Tensor:
    """(at most MOST_IMAGES, C, H, W) in [-1, 1], evenly spread over the set, so that one sorted by class gives all."""
    count = min(MOST_IMAGES, images.count)
    return images.batch(torch.arange(count, device=images.device) * images.count // count)


def mean_pairwise_distance(vectors: Tensor) -> float:
    """E‖x − x'‖₂ over the pairs of different rows of (N, values); NaN for a single one."""
    return torch.pdist(vectors).mean().item() if len(vectors) > 1 else nan


@contextmanager
def fired(*networks: nn.Module) -> Iterator[dict[nn.Module, Tensor]]:
    """Fills in, of each activation module as the networks run, which of its units have not been 0: (units,) bool."""
    found: dict[nn.Module, Tensor] = {}

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
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
