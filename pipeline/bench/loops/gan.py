"""A GAN trained by hand: k updates of the discriminator, then one of the generator, on new images or on the same.

Goodfellow et al. 2014 (arXiv 1406.2661), algorithm 1, with the loss and the penalties of the template. Templates need
nothing else: no augmentation of what the discriminator sees, no clipping, no learning rate schedule.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

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
from pipeline.families.adversarial.family import DISCRIMINATOR, GENERATOR
from pipeline.families.adversarial.parts import ObjectivePart
from pipeline.objectives.signature import Terms
from pipeline.training.state import TrainState

_Images = tuple[Tensor | None, Tensor, Tensor | None]
"""Real images, generated ones with their graph, and the classes of both; None for those that are not needed."""


@dataclass
class _Game:
    """Both networks with what a loop over them needs. updates: of the discriminator in a step. reuses: whether the
    generator learns from the images of the last of them."""

    opened: Opened
    state: TrainState = field(init=False)

    def __post_init__(self) -> None:
        self.state = self.opened.state()
        self.objective: ObjectivePart = self.opened.objective
        self.generator: nn.Module = self.state.networks[GENERATOR]
        self.discriminator: nn.Module = self.state.networks[DISCRIMINATOR]
        self.generator_weights = weights_of(self.generator)
        self.discriminator_weights = weights_of(self.discriminator)
        self.generator_optimizer = self.state.optimizers[GENERATOR]
        self.discriminator_optimizer = self.state.optimizers[DISCRIMINATOR]
        self.updates = int(self.state.live[f"{self.opened.experiment.node}.discriminator_updates"])
        self.reuses = any(update.takes for update in self.opened.experiment.updates)
        self.train = self.objective.discriminator.images.train
        self.settings = self.opened.experiment.settings

    def noise(self) -> Tensor:
        """(B, dim)."""
        shape = self.settings.batch_size, self.objective.generator.latents.dim
        return torch.randn(*shape, generator=self.state.random, device=self.settings.device)

    def some_labels(self) -> Tensor | None:
        """The classes of images chosen at random, (B,) int64; None for an unconditional generator."""
        if not self.objective.generator.classes:
            return None
        size, device = self.settings.batch_size, self.settings.device
        chosen = torch.randint(self.train.count, (size,), generator=self.state.random, device=device)
        labels: Tensor = self.train.labels.index_select(0, chosen)
        return labels

    def latents(self, noise: Tensor, labels: Tensor | None) -> Tensor:
        """The input of the generator."""
        return self.objective.generator.latents_of(noise, labels)

    def scorer(self, labels: Tensor | None) -> Callable[[Tensor], Tensor]:
        """The discriminator, told the labels if it is conditional."""
        return (
            partial(self.discriminator, labels=labels) if self.objective.discriminator.classes else self.discriminator
        )

    def penalised(self, loss: Tensor, score: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> list[Tensor]:
        """The loss with the penalties, and then what a chart shows of them."""
        shown = []
        for term in self.objective.penalties:
            found = term.penalty(score, real, fake, self.state.random)
            loss = loss + self.state.live[term.weight] * found.value
            shown += [found.value.detach(), found.slope] if term.slope else [found.value.detach()]
        return [loss, *shown]


def whole_of(terms: Terms) -> Tensor:
    """The loss: the sum of its terms."""
    first, *others = terms.values()
    return sum(others, first)


def by_hand(opened: Opened) -> Train:
    """The whole training: data, noise, both updates, averaged weights, and numbers that are kept for charts."""
    game = _Game(opened)
    loss, settings = game.objective.loss, game.settings
    average = game.state.averages.get(GENERATOR)
    batches = numbers_of_batches(game.train, settings, game.state.images_seen)
    augment, random, live = opened.experiment.images.augment, game.state.random, game.state.live
    done = game.state.step

    def draw() -> tuple[Tensor, Tensor | None]:
        numbers = next(batches)
        images = pictures(game.train, numbers)
        labels = game.train.labels[numbers] if game.objective.generator.classes else None
        return images if augment is None else augment(images, random, live), labels

    def step_of_discriminator() -> tuple[list[Tensor], _Images]:
        real, labels = draw()
        with torch.set_grad_enabled(game.reuses):
            made = game.generator(game.latents(game.noise(), labels))
        score, fake = game.scorer(labels), made.detach()
        real_scores, fake_scores = score(real), score(fake)
        plain = whole_of(loss.discriminator(real_scores, fake_scores))
        whole, *penalties = game.penalised(plain, score, real, fake)
        backward(whole, game.discriminator_weights)
        norm = norm_of(game.discriminator_weights)
        game.discriminator_optimizer.step()
        shown = [loss.shown(scores.detach()).mean() for scores in (real_scores, fake_scores)]
        return [whole.detach(), *shown, norm, *penalties], (real, made, labels)

    def new_images() -> _Images:
        real, labels = draw() if loss.needs_real_for_generator else (None, None)
        noise = game.noise()
        labels = game.some_labels() if labels is None else labels
        return real, game.generator(game.latents(noise, labels)), labels

    def step_of_generator(images: _Images) -> list[Tensor]:
        real, fake, labels = images
        score = game.scorer(labels)
        real_scores = score(real) if real is not None and loss.needs_real_for_generator else None
        fake_scores = score(fake)
        whole = whole_of(loss.generator(fake_scores if real_scores is None else real_scores, fake_scores))
        backward(whole, game.generator_weights)
        norm = norm_of(game.generator_weights)
        game.generator_optimizer.step()
        return [whole.detach(), norm]

    def train(steps: int) -> None:
        nonlocal done
        rows = []
        for _ in range(steps):
            for _ in range(game.updates):
                row, images = step_of_discriminator()
            row += step_of_generator(images if game.reuses else new_images())
            rows.append(torch.stack(row))
            if average is not None:
                follow(average, game.generator, settings.ema_decay(done))
            done += 1
        read(rows)

    return train


def bare(opened: Opened) -> Train:
    """Only the passes and the optimizer steps, on one batch of images and noise."""
    game = _Game(opened)
    loss = game.objective.loss
    numbers = torch.arange(game.settings.batch_size, device=game.settings.device)
    real, noise = pictures(game.train, numbers), game.noise()
    labels = game.train.labels[numbers] if game.objective.generator.classes else None
    latents, score = game.latents(noise, labels), game.scorer(labels)

    def passes() -> None:
        for _ in range(game.updates):
            with torch.set_grad_enabled(game.reuses):
                made = game.generator(latents)
            fake = made.detach()
            plain = whole_of(loss.discriminator(score(real), score(fake)))
            backward(game.penalised(plain, score, real, fake)[0], game.discriminator_weights)
            game.discriminator_optimizer.step()
        fake_scores = score(made if game.reuses else game.generator(latents))
        real_scores = score(real) if loss.needs_real_for_generator else fake_scores
        backward(whole_of(loss.generator(real_scores, fake_scores)), game.generator_weights)
        game.generator_optimizer.step()

    return repeated(passes, game.settings.device)
