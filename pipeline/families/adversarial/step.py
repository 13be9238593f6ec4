"""The step of a GAN: k updates of the discriminator, then one of the generator.

Goodfellow et al. 2014 (arXiv 1406.2661), algorithm 1. Every update draws its own noise, and the discriminator its own
real images. The discriminator's update makes its fake images without a graph; the generator's goes through the
discriminator but computes no gradients of the discriminator's weights.

If images are reused, as in most tutorials, the discriminator's updates make their fake images with a graph, which they
do not follow, and the generator's update scores those of the last one again: it draws nothing. With a loss that
compares images, it takes the real ones too, so that pairs still share a class.

Tensors by name: `real`, `fake` (B, C, H, W), and `real_seen`, `fake_seen` if views transform them before
the discriminator; `latents` (B, dim); `real_scores`, `fake_scores` (B,); `labels` (B,) int64 of conditional networks.
"""

from functools import partial

import torch
from torch import Tensor

from pipeline.families.adversarial.checkup import AdversarialCheckup
from pipeline.families.adversarial.family import DISCRIMINATOR, GENERATOR
from pipeline.families.adversarial.parts import DiscriminatorView, ObjectivePart, PenaltyTerm, WeightTerm
from pipeline.families.adversarial.sampler import GeneratorSampler
from pipeline.families.adversarial.scoring import DiscriminatorScores
from pipeline.objectives.signature import Score, Terms
from pipeline.objectives.smoothing import smooth_labels
from pipeline.ranks.drawing import integers
from pipeline.training.experiment import Experiment
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.settings import Settings
from pipeline.training.stages import Made, Operation, Update
from pipeline.training.state import TrainState
from pipeline.training.update_operations import Precision, draw_real_images, gradients, optimizer_step, precision_of


def adversarial_experiment(
    node: str,
    objective: ObjectivePart,
    generator_optimizer: OptimizerPart,
    discriminator_optimizer: OptimizerPart,
    settings: Settings,
    series: tuple[str, ...],
    reuse_images: bool = False,
) -> Experiment:
    """Build the Experiment: a step is k updates of the discriminator and one of the generator.

    node: id of the training node, whose live value `discriminator_updates` is k (default 1). reuse_images: whether the
    generator's update scores the images of the discriminator's last one in place of new ones. series: what is recorded,
    as the node declares it. Live values and sample grids belong to other nodes, so the caller adds them.

    A step computes `D_loss` and `G_loss`, the whole loss that each network minimises (penalties included); `D_real` and
    `D_fake`, the mean displayed score of real and generated images before the discriminator's update; `D_grad_norm` and
    `G_grad_norm`; each penalty, unweighted, and its mean slope if recorded; `D_learning_rate` and `G_learning_rate` of
    optimizers with a schedule. With several discriminator updates in a step, the last one is recorded.
    """
    generator, discriminator, total = objective.generator, objective.discriminator, settings.total_steps

    scores = DiscriminatorScores(objective.loss, conditional=bool(discriminator.classes))
    precision = precision_of(settings)
    draw_real = draw_real_images(discriminator.images, settings, labelled=bool(generator.classes))
    draw_noise = _draw_noise(objective, settings)
    views = tuple(_look(view, followed=False) for view in objective.views)
    followed_views = tuple(_look(view, followed=True) for view in objective.views)
    score_real = _score(objective, "real", precision)
    score_fake = _score(objective, "fake", precision)
    score_followed = _score(objective, "fake", precision, followed=True, again=reuse_images)
    compares = objective.loss.needs_real_for_generator
    made_anew = (*(draw_real if compares else ()), draw_noise, _generate(objective, precision, with_graph=True))
    taken = ("fake", "latents", "labels", *(("real",) if compares else ()))
    discriminator_update = Update(
        name=DISCRIMINATOR,
        counter="d_updates",
        operations=(
            *draw_real,
            draw_noise,
            _generate(objective, precision, with_graph=reuse_images),
            *views,
            score_real,
            score_fake,
            _discriminator_loss(objective),
            *(_penalty(objective, term) for term in objective.penalties),
            *(_weight_penalty(term, "D_loss") for term in objective.weight_terms if term.role == DISCRIMINATOR),
            gradients((DISCRIMINATOR,), discriminator.node, "D_loss", "D_grad_norm"),
            optimizer_step(DISCRIMINATOR, discriminator_optimizer, total, norm="D_grad_norm", rate="D_learning_rate"),
            *objective.after_discriminator,
        ),
        repeats=f"{node}.discriminator_updates",
    )
    generator_update = Update(
        name=GENERATOR,
        counter="g_updates",
        operations=(
            *(() if reuse_images else made_anew),
            *followed_views,
            *((score_real,) if compares else ()),
            score_followed,
            _generator_loss(objective),
            *(_weight_penalty(term, "G_loss") for term in objective.weight_terms if term.role == GENERATOR),
            gradients((GENERATOR,), generator.node, "G_loss", "G_grad_norm"),
            optimizer_step(GENERATOR, generator_optimizer, total, norm="G_grad_norm", rate="G_learning_rate"),
        ),
        takes=taken if reuse_images else (),
        alone=made_anew if reuse_images else (),
    )
    return Experiment(
        node=node,
        images=discriminator.images,
        networks={GENERATOR: generator.network, DISCRIMINATOR: discriminator.network},
        nodes={GENERATOR: generator.node, DISCRIMINATOR: discriminator.node},
        averaged=(GENERATOR,),
        optimizers={GENERATOR: generator_optimizer, DISCRIMINATOR: discriminator_optimizer},
        updates=(discriminator_update, generator_update),
        series=series,
        sampler=GeneratorSampler(generator, settings),
        settings=settings,
        scores=scores,
        checkup=AdversarialCheckup(discriminator.images, scores),
        numbers=objective.numbers,
    )


def _draw_noise(objective: ObjectivePart, settings: Settings) -> Operation:
    """Draw latents. For a conditional generator, use the labels of the update's real images, or else draw labels from
    the training set.

    Generated images then have the class proportions of real ones, and pairs share a class.
    """
    generator, train = objective.generator, objective.discriminator.images.train

    def run(state: TrainState, made: Made) -> Made:
        noise = generator.latents.draw(settings.share, state.random, settings.device)
        if not generator.classes:
            return {"latents": noise}
        labels = made.get("labels")
        if labels is None:
            chosen = integers(train.count, (len(noise),), state.random, settings.device)
            labels = train.labels.index_select(0, chosen)
        return {"latents": generator.latents_of(noise, labels), "labels": labels}

    return Operation("draw noise", generator.latents.node, run)


def _generate(objective: ObjectivePart, precision: Precision, with_graph: bool) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        with torch.set_grad_enabled(with_graph), precision():
            fake = state.networks[GENERATOR](made["latents"])
        return {"fake": fake.float()}

    return Operation("generate", objective.generator.node, run)


def _look(view: DiscriminatorView, followed: bool) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        return {
            f"{images}_seen": view.apply(_seen(made, images, followed), state)
            for images in ("real", "fake")
            if images in made
        }

    return Operation(view.stage, view.node, run)


def _score(
    objective: ObjectivePart, images: str, precision: Precision, followed: bool = False, again: bool = False
) -> Operation:
    """followed: see `_seen`. again: whether the update before it has scored these images."""

    def run(state: TrainState, made: Made) -> Made:
        with precision():
            scores = _scorer(objective, state, made)(_seen(made, images, followed))
        return {f"{images}_scores": scores.float()}

    return Operation(f"score {images} again" if again else f"score {images}", objective.discriminator.node, run)


def _seen(made: Made, images: str, followed: bool = False) -> Tensor:
    """The "real" or the "fake" images as the discriminator sees them; followed: with their graph, back to the
    generator."""
    seen = made.get(f"{images}_seen", made[images])
    return seen if followed else seen.detach()


def _scorer(objective: ObjectivePart, state: TrainState, made: Made) -> Score:
    """The discriminator, given the labels of this update's images if it is conditional."""
    network = state.networks[DISCRIMINATOR]
    return partial(network, labels=made["labels"]) if objective.discriminator.classes else network


def _discriminator_loss(objective: ObjectivePart) -> Operation:
    loss = objective.loss

    def run(state: TrainState, made: Made) -> Made:
        real, fake = made["real_scores"], made["fake_scores"]
        share = state.live.get(objective.smoothing, 0)
        terms = smooth_labels(loss, real, fake, share) if share else loss.discriminator(real, fake)
        return _summed("D_loss", terms) | {
            "D_real": loss.shown(real.detach()).mean(),
            "D_fake": loss.shown(fake.detach()).mean(),
        }

    return Operation("loss", objective.node, run, loss.discriminator_formula)


def _penalty(objective: ObjectivePart, term: PenaltyTerm) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        if not (state.live[term.weight] or term.slope):
            return {term.metric: torch.zeros_like(made["D_loss"])}
        found = term.penalty(_scorer(objective, state, made), _seen(made, "real"), _seen(made, "fake"), state.random)
        penalty = {term.metric: found.value, "D_loss": made["D_loss"] + state.live[term.weight] * found.value}
        return penalty | ({term.slope: found.slope} if term.slope else {})

    return Operation("penalty", term.node, run, term.formula)


def _weight_penalty(term: WeightTerm, loss: str) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        found = term.penalty(state.networks[term.role])
        return {term.metric: found, loss: made[loss] + state.live[term.weight] * found}

    return Operation("penalty", term.node, run, term.formula)


def _generator_loss(objective: ObjectivePart) -> Operation:
    loss = objective.loss

    def run(state: TrainState, made: Made) -> Made:
        fake = made["fake_scores"]
        return _summed("G_loss", loss.generator(made.get("real_scores", fake), fake))

    return Operation("loss", objective.node, run, loss.generator_formula)


def _summed(metric: str, terms: Terms) -> dict[str, Tensor]:
    """The loss under its metric's name, and each of its terms under "metric: term"."""
    first, *others = terms.values()
    return {f"{metric}: {name}": term for name, term in terms.items()} | {metric: sum(others, first)}
