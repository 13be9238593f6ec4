"""The step of an adversarial game: the discriminator is updated k times, then the generator once.

Goodfellow et al. 2014 (arXiv 1406.2661), algorithm 1. Every update draws its own noise, and the discriminator its own
real images. The discriminator's update makes its fake images without a graph; the generator's goes through the
discriminator but computes no gradients of the discriminator's weights.

Tensors by name: `real`, `fake` (B, C, H, W) in [-1, 1]; `latents` (B, dim); `real_scores`, `fake_scores` (B,).
"""

import torch
from torch import Tensor

from pipeline.objectives.signature import Terms
from pipeline.training.drawing_real import draw_real_images
from pipeline.training.experiment import Experiment, Settings
from pipeline.training.moving import gradients, move_weights
from pipeline.training.parts import ObjectivePart, OptimizerPart, PenaltyTerm
from pipeline.training.precision import Precision, precision_of
from pipeline.training.stages import Made, Operation, Update
from pipeline.training.state import TrainState

GENERATOR = "generator"
DISCRIMINATOR = "discriminator"


def adversarial_experiment(
    node: str,
    objective: ObjectivePart,
    generator_optimizer: OptimizerPart,
    discriminator_optimizer: OptimizerPart,
    settings: Settings,
) -> Experiment:
    """Finished parts -> an Experiment: a step is k updates of the discriminator and one of the generator.

    node: id of the training node, whose live value `discriminator_updates` is k, 1 where there is none. Live values and
    sample grids belong to other nodes: whoever knows those adds them.

    Series: `D_loss` and `G_loss`, the whole loss that each network minimises (penalties included); `D_real` and
    `D_fake`, mean shown score of real and generated images before the discriminator's update; `D_grad_norm` and
    `G_grad_norm`; then each penalty, not weighted, and the slope it found. Of several discriminator updates in a step
    the last one counts.
    """
    generator, discriminator = objective.generator, objective.discriminator
    latents = generator.latents

    def draw_latents(count: int, random: torch.Generator) -> Tensor:
        return latents.draw(count, random, settings.device)

    precision = precision_of(settings)
    draw_real = draw_real_images(discriminator.images, settings)
    draw_noise = _draw_noise(objective, settings)
    score_real = _score(objective, "real", precision)
    score_fake = _score(objective, "fake", precision)
    discriminator_update = Update(
        name=DISCRIMINATOR,
        counter="d_updates",
        operations=(
            draw_real,
            draw_noise,
            _generate(objective, precision, with_graph=False),
            score_real,
            score_fake,
            _discriminator_loss(objective),
            *(_penalty(objective, term) for term in objective.penalties),
            gradients((DISCRIMINATOR,), discriminator.node, "D_loss", "D_grad_norm"),
            move_weights(DISCRIMINATOR, discriminator_optimizer),
        ),
        repeats=f"{node}.discriminator_updates",
    )
    generator_update = Update(
        name=GENERATOR,
        counter="g_updates",
        operations=(
            *((draw_real, score_real) if objective.loss.needs_real_for_generator else ()),
            draw_noise,
            _generate(objective, precision, with_graph=True),
            score_fake,
            _generator_loss(objective),
            gradients((GENERATOR,), generator.node, "G_loss", "G_grad_norm"),
            move_weights(GENERATOR, generator_optimizer),
        ),
    )
    return Experiment(
        node=node,
        images=discriminator.images,
        networks={GENERATOR: generator.network, DISCRIMINATOR: discriminator.network},
        nodes={GENERATOR: generator.node, DISCRIMINATOR: discriminator.node},
        averaged=(GENERATOR,),
        optimizers={GENERATOR: generator_optimizer, DISCRIMINATOR: discriminator_optimizer},
        updates=(discriminator_update, generator_update),
        series=(
            *("D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm"),
            *(name for term in objective.penalties for name in (term.metric, term.slope) if name),
        ),
        sampled=GENERATOR,
        draw_latents=draw_latents,
        settings=settings,
        shown_score=objective.loss.shown,
        probability=objective.loss.probability,
    )


def _draw_noise(objective: ObjectivePart, settings: Settings) -> Operation:
    latents = objective.generator.latents

    def run(state: TrainState, made: Made) -> Made:
        return {"latents": latents.draw(settings.batch_size, state.generator, settings.device)}

    return Operation("draw noise", latents.node, run)


def _generate(objective: ObjectivePart, precision: Precision, with_graph: bool) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        with torch.set_grad_enabled(with_graph), precision():
            fake = state.networks[GENERATOR](made["latents"])
        return {"fake": fake.float()}

    return Operation("generate", objective.generator.node, run)


def _score(objective: ObjectivePart, images: str, precision: Precision) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        with precision():
            scores = state.networks[DISCRIMINATOR](made[images])
        return {f"{images}_scores": scores.float()}

    return Operation(f"score {images}", objective.discriminator.node, run)


def _discriminator_loss(objective: ObjectivePart) -> Operation:
    loss = objective.loss

    def run(state: TrainState, made: Made) -> Made:
        real, fake = made["real_scores"], made["fake_scores"]
        return _summed("D_loss", loss.discriminator(real, fake)) | {
            "D_real": loss.shown(real.detach()).mean(),
            "D_fake": loss.shown(fake.detach()).mean(),
        }

    return Operation("loss", objective.node, run, loss.discriminator_formula)


def _penalty(objective: ObjectivePart, term: PenaltyTerm) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        if not (state.live[term.weight] or term.slope):
            return {term.metric: torch.zeros_like(made["D_loss"])}
        found = term.penalty(state.networks[DISCRIMINATOR], made["real"], made["fake"], state.generator)
        penalty = {term.metric: found.value, "D_loss": made["D_loss"] + state.live[term.weight] * found.value}
        return penalty | ({term.slope: found.slope} if term.slope else {})

    return Operation("penalty", objective.node, run, term.formula)


def _generator_loss(objective: ObjectivePart) -> Operation:
    loss = objective.loss

    def run(state: TrainState, made: Made) -> Made:
        fake = made["fake_scores"]
        return _summed("G_loss", loss.generator(made.get("real_scores", fake), fake))

    return Operation("loss", objective.node, run, loss.generator_formula)


def _summed(metric: str, terms: Terms) -> dict[str, Tensor]:
    """The loss under its metric's name, and each of its terms as "metric: term"."""
    first, *others = terms.values()
    return {f"{metric}: {name}": term for name, term in terms.items()} | {metric: sum(others, first)}
