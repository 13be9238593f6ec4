"""The checkup: what losses do not say of a run, measured between two steps whenever samples are drawn.

Are the samples as varied as real images, do they come nearer to them, are there units that never fire. Of a
discriminator: has it learnt its images by heart. Of an encoder: do images it never saw come back from their codes, and
do these say anything. It changes nothing in training: eval mode, no gradients, random numbers of its own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import nan, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.data.images import ImageSet, to_float
from pipeline.inspection.reconstruction import active_units, expanded, mean_image
from pipeline.inspection.scoring import classes_in_turn, score
from pipeline.training.adversarial import DISCRIMINATOR
from pipeline.training.coding import Coding
from pipeline.training.drawing import at_rest
from pipeline.training.experiment import Experiment
from pipeline.training.trainer import Trainer

MOST_IMAGES = 128
"""Images looked at of each kind: training, held-out, samples. More would say little more and take longer."""

LATENTS = 32
"""Latent vectors that the units of the network that makes images are watched on."""

ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.SiLU, nn.GELU, nn.Tanh)


class Checkup:
    """Made once for an experiment: it keeps the real images and the noise that every checkup of the run looks at."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._train, self._train_labels = spread(experiment.images.train)
        self._held_out, self._held_out_labels = spread(experiment.images.held_out)
        # Distances are worked out on the CPU, where samples come in, and where equal images are exactly 0 apart.
        self._real = self._train.cpu().flatten(1)
        self._real_distance = mean_pairwise_distance(self._real)
        random = torch.Generator(experiment.settings.device).manual_seed(0)
        self._latents = experiment.draw_latents(LATENTS, random)
        self._mean_image = mean_image(experiment.images.train) if experiment.coding else None

    @torch.no_grad()
    def measure(self, trainer: Trainer, samples: NDArray[np.uint8]) -> dict[str, float]:
        """What there is to measure of the trainer's state as it is: the series that `nodes/` says its family has.

        samples: (N, H, W, C) uint8 that it has just drawn.

        diversity: mean L2 distance between two samples, divided by that between two training images; 1 is as varied as
        these, below 0.5 modes have collapsed. NaN for a single sample.
        energy_distance: 2·E‖x − y‖ − E‖x − x'‖ − E‖y − y'‖ between samples x and training images y, Székely & Rizzo
        2013, with the root mean square over an image's values in [-1, 1] for ‖·‖. 0 where both are alike, and by chance
        a little below; it falls as images get better. NaN for a single sample.
        dead_units: the largest share, over all layers that end in an activation, of units (channels or features) that
        are exactly 0 for every image looked at. NaN where no layer does.

        With a discriminator:
        D_train, D_held_out: mean shown score of training and of held-out images.
        r_t: E[sign(D(x))] of training images on logits, Karras et al. 2020 (arXiv 2006.06676); near 1 the
        discriminator knows them by heart. NaN where scores are no logits.

        With an encoder, in the objective's reconstruction term (nats per image):
        held_out_reconstruction: of held-out images, their codes taken without chance. mean_image_error: if the
        mean training image stood for each of them, which is what an encoder that says nothing can come to.
        active_units: latent dimensions that say something of training images (`active_units`); only with a prior.
        """
        experiment, networks = self._experiment, trainer.state.networks
        fake = to_float(torch.from_numpy(samples[:MOST_IMAGES]).permute(0, 3, 1, 2))
        with at_rest(*networks.values()), fired(*networks.values()) as units:
            found = (
                self._scores(networks, fake.to(self._train.device))
                if experiment.coding is None
                else self._reconstruction(networks, experiment.coding)
            )
            networks[experiment.sampled](self._latents)
        dead = [1 - alive.float().mean() for alive in units.values()]
        # Fetched from the device at once.
        numbers = torch.stack([number.float() for number in (*found.values(), *dead)]).tolist()
        diversity, distance = self._distances(fake.flatten(1))
        measured = dict(zip(found, numbers, strict=False))
        shares = numbers[len(found) :]
        return {"diversity": diversity, "energy_distance": distance, **measured, "dead_units": max(shares, default=nan)}

    def _scores(self, networks: Mapping[str, nn.Module], fake: Tensor) -> dict[str, Tensor]:
        discriminator, experiment = networks[DISCRIMINATOR], self._experiment
        train = score(discriminator, self._train, self._train_labels, experiment)
        held_out = score(discriminator, self._held_out, self._held_out_labels, experiment)
        # Their scores are not asked for: units that only generated images make fire are not dead.
        score(discriminator, fake, classes_in_turn(len(fake), experiment, fake.device), experiment)
        return {
            "D_train": experiment.shown_score(train).mean(),
            "D_held_out": experiment.shown_score(held_out).mean(),
            "r_t": train.sign().mean() if experiment.probability else train.new_tensor(nan),
        }

    def _reconstruction(self, networks: Mapping[str, nn.Module], coding: Coding) -> dict[str, Tensor]:
        assert self._mean_image is not None
        held_out, known = self._held_out, coding.reconstruct(networks, self._train)
        found = {
            "held_out_reconstruction": coding.error(held_out, coding.reconstruct(networks, held_out).decoded).mean(),
            "mean_image_error": coding.error(held_out, expanded(self._mean_image, len(held_out))).mean(),
        }
        return found | ({"active_units": active_units(known.codes)} if coding.has_prior else {})

    def _distances(self, fake: Tensor) -> tuple[float, float]:
        """Diversity and energy distance of samples (N, values)."""
        among_fakes = mean_pairwise_distance(fake)
        between = torch.cdist(fake, self._real).mean().item()
        diversity = among_fakes / self._real_distance if self._real_distance else nan
        return diversity, (2 * between - among_fakes - self._real_distance) / sqrt(fake.shape[1])


def spread(images: ImageSet) -> tuple[Tensor, Tensor]:
    """At most MOST_IMAGES, evenly spread over the set, so that one sorted by class gives all: (N, C, H, W) in [-1, 1].

    With their labels (N,).
    """
    count = min(MOST_IMAGES, images.count)
    places = torch.arange(count, device=images.device) * images.count // max(1, count)
    return images.batch(places), images.labels.index_select(0, places)


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
