"""A denoiser trained by hand, of images or of the latents of an autoencoder that has been trained.

Ho et al. 2020 (arXiv 2006.11239), algorithm 1, for the process, the prediction and the weights of the template.
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
from pipeline.data.progress import no_progress
from pipeline.families.diffusion.family import DENOISER
from pipeline.families.diffusion.latents import Latents
from pipeline.families.diffusion.parts import DenoisingPart
from pipeline.training.state import TrainState


def _learned(objective: DenoisingPart, state: TrainState) -> Tensor | None:
    """The latents of all training images, (N, c, h, w); None for a denoiser of images."""
    part = objective.denoiser.latents
    if part is None:
        return None
    latents = Latents(part)
    latents.prepare(state, no_progress)
    return latents.encoded.train


def _loss(
    objective: DenoisingPart, state: TrainState, clean: Tensor, noise: Tensor, times: Tensor, labels: tuple[Tensor, ...]
) -> Tensor:
    """The mean weighted squared error, 0-dimensional. clean, noise: (B, C, H, W). times: (B,)."""
    alpha, sigma = objective.noising.signal(times), objective.noising.noise(times)
    wide_alpha, wide_sigma = objective.process.levels(times)
    target = objective.prediction.target(clean, noise, wide_alpha, wide_sigma)
    noisy = wide_alpha * clean + wide_sigma * noise
    predicted = state.networks[DENOISER](noisy, times, *labels)
    errors = (predicted - target).square().flatten(1).mean(dim=1)
    loss: Tensor = (objective.weights(alpha, sigma) * errors).mean()
    return loss


def by_hand(opened: Opened) -> Train:
    """The whole training: data, times, noise, the update, averaged weights, and numbers that are kept for charts."""
    state, objective, settings = opened.state(), opened.objective, opened.experiment.settings
    images, random, device = objective.denoiser.images.train, state.random, settings.device
    latents, weights = _learned(objective, state), weights_of(state.networks[DENOISER])
    batches = numbers_of_batches(images, settings, state.images_seen)
    first = state.step

    def told(numbers: Tensor) -> tuple[Tensor, ...]:
        """The classes of these images, of a few of them none; () for an unconditional denoiser."""
        classes = objective.denoiser.classes
        if not classes:
            return ()
        labels = images.labels[numbers]
        if objective.label_dropout:
            dropped = torch.rand(len(labels), generator=random, device=device) < objective.label_dropout
            labels = torch.where(dropped, classes, labels)
        return (labels,)

    def train(steps: int) -> None:
        rows = []
        for _ in range(steps):
            numbers = next(batches)
            clean = pictures(images, numbers) if latents is None else latents[numbers]
            labels = told(numbers)
            times = objective.noising.known(objective.draw_times(len(numbers), random, device))
            noise = torch.randn(*clean.shape, generator=random, device=device)
            loss = _loss(objective, state, clean, noise, times, labels)
            backward(loss, weights)
            norm = norm_of(weights)
            state.optimizers[DENOISER].step()
            if DENOISER in state.averages:
                decay = settings.ema_decay(state.step - first)
                follow(state.averages[DENOISER], state.networks[DENOISER], decay)
            rows.append(torch.stack([loss.detach(), norm]))
            state.step += 1
        read(rows)

    return train


def bare(opened: Opened) -> Train:
    """Only the passes and the optimizer steps, on one batch of images, times and noise."""
    state, objective, settings = opened.state(), opened.objective, opened.experiment.settings
    images, latents = objective.denoiser.images.train, _learned(objective, state)
    numbers = torch.arange(settings.batch_size, device=settings.device)
    clean = pictures(images, numbers) if latents is None else latents[numbers]
    labels = (images.labels[numbers],) if objective.denoiser.classes else ()
    times = objective.noising.known(objective.draw_times(len(numbers), state.random, settings.device))
    noise, weights = torch.randn_like(clean), weights_of(state.networks[DENOISER])

    def passes() -> None:
        backward(_loss(objective, state, clean, noise, times, labels), weights)
        state.optimizers[DENOISER].step()

    return repeated(passes, settings.device)
