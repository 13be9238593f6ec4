"""An autoencoder trained by hand: one update of encoder and decoder together.

With a prior it is the variational one of Kingma & Welling 2014 (arXiv 1312.6114): one code is sampled for each image.
"""

import torch
from torch import Tensor

from pipeline.bench.loops.opened import Opened
from pipeline.bench.loops.resident import (
    backward,
    follow,
    norm_of,
    numbers_of_batches,
    pictures,
    read,
    repeated,
    weights_of,
)
from pipeline.bench.turns import Train
from pipeline.families.autoencoder.coding import AutoencoderPart, decoded, encoded, reconstruction_error
from pipeline.families.autoencoder.family import DECODER, ENCODER
from pipeline.objectives.elbo import kl_to_standard_normal, kl_warmup_factor, reparametrise
from pipeline.training.state import TrainState

ROLES = (ENCODER, DECODER)


def _losses(
    objective: AutoencoderPart, state: TrainState, real: Tensor, noise: Tensor | None, step: int
) -> list[Tensor]:
    """The whole loss, the reconstruction error and, with noise for the codes, the KL divergence: 0-dimensional."""
    values = objective.encoder.images.values
    numbers = encoded(state.networks[ENCODER], real)
    codes = numbers[0] if noise is None else reparametrise(numbers[0], numbers[1], noise)
    made = decoded(state.networks[DECODER], codes, values)
    error = reconstruction_error(objective.reconstruction, real, made, values).mean()
    if noise is None:
        return [error, error]
    kl = kl_to_standard_normal(numbers[0], numbers[1]).mean()
    weight = state.live[objective.beta] * kl_warmup_factor(step, objective.kl_warmup_steps)
    return [error + weight * kl, error, kl]


def by_hand(opened: Opened) -> Train:
    """The whole training: data, noise, the update, averaged weights, and numbers that are kept for charts."""
    state, objective, settings = opened.state(), opened.objective, opened.experiment.settings
    images = objective.encoder.images.train
    weights = {role: weights_of(state.networks[role]) for role in ROLES}
    every = [weight for each in weights.values() for weight in each]
    batches = numbers_of_batches(images, settings, state.images_seen)

    def train(steps: int) -> None:
        rows = []
        for _ in range(steps):
            real, noise = pictures(images, next(batches)), None
            if objective.beta:
                size = settings.batch_size, objective.encoder.prior.dim
                noise = torch.randn(*size, generator=state.random, device=settings.device)
            loss, *terms = _losses(objective, state, real, noise, state.step)
            backward(loss, every)
            norm = torch.linalg.vector_norm(torch.stack([norm_of(each) for each in weights.values()]))
            for role in ROLES:
                state.optimizers[role].step()
            for role, average in state.averages.items():
                follow(average, state.networks[role], settings.ema_decay(state.step))
            rows.append(torch.stack([loss.detach(), *(term.detach() for term in terms), norm]))
            state.step += 1
        read(rows)

    return train


def bare(opened: Opened) -> Train:
    """Only the passes and the optimizer steps, on one batch of images and noise."""
    state, objective, settings = opened.state(), opened.objective, opened.experiment.settings
    real = pictures(objective.encoder.images.train, torch.arange(settings.batch_size, device=settings.device))
    every = [weight for role in ROLES for weight in weights_of(state.networks[role])]
    prior = objective.encoder.prior
    noise = prior.draw(settings.batch_size, state.random, settings.device) if objective.beta else None

    def passes() -> None:
        backward(_losses(objective, state, real, noise, state.step)[0], every)
        for role in ROLES:
            state.optimizers[role].step()

    return repeated(passes, settings.device)
