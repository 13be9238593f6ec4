"""The update of a denoiser: noise images or latents to random times, predict, and compare.

Ho et al. 2020 (arXiv 2006.11239), algorithm 1, for any process, prediction and weight.

Tensors by name: `real` (B, C, H, W), `labels` (B,) as the network is told them, `latents` (B, c, h, w) if it learns
those; `times` (B,); `noise`, `noisy`, `predicted`, `target` and `estimates` (the estimates of x₀), of the shape of what
it learns; `errors`, `weights` and `snr` (B,).
"""

import torch

from pipeline.data.images import to_signed
from pipeline.families.autoencoder.coding import AutoencoderCoding
from pipeline.families.autoencoder.family import DECODER, ENCODER
from pipeline.families.diffusion.checkup import DenoisingCheckup
from pipeline.families.diffusion.family import DENOISER, DENOISER_COUNTER, DENOISER_UPDATE, GRADIENT, RATE, WHOLE_LOSS
from pipeline.families.diffusion.latents import Latents, LatentsPart
from pipeline.families.diffusion.parts import DenoisingPart, SamplingPart
from pipeline.families.diffusion.pictures import DenoiserPictures, time_of
from pipeline.families.diffusion.sampler import DenoisingSampler
from pipeline.objectives.denoising import errors
from pipeline.ranks.drawing import normal, uniform
from pipeline.training.experiment import Experiment
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.settings import Settings
from pipeline.training.stages import Made, Operation, Update
from pipeline.training.state import TrainState
from pipeline.training.update_operations import Precision, draw_real_images, gradients, optimizer_step, precision_of


def denoising_experiment(
    node: str,
    objective: DenoisingPart,
    optimizer: OptimizerPart,
    sampling: SamplingPart,
    settings: Settings,
    series: tuple[str, ...],
) -> Experiment:
    """Build the Experiment of a denoiser of images, or of the latents of a trained autoencoder: a step is one update.

    node: id of the training node. series: what is recorded, as the node declares it.
    """
    denoiser = objective.denoiser
    if denoiser.latents is not None:
        return _on_trained_latents(node, objective, denoiser.latents, optimizer, sampling, settings, series)
    return Experiment(
        node=node,
        images=denoiser.images,
        networks={DENOISER: denoiser.network},
        nodes={DENOISER: denoiser.node},
        averaged=(DENOISER,),
        optimizers={DENOISER: optimizer},
        updates=(denoiser_update(objective, optimizer, settings, None),),
        series=series,
        sampler=DenoisingSampler(objective, sampling, settings),
        settings=settings,
        checkup=DenoisingCheckup(objective, None, sampling.guidance),
    )


def _on_trained_latents(
    node: str,
    objective: DenoisingPart,
    part: LatentsPart,
    optimizer: OptimizerPart,
    sampling: SamplingPart,
    settings: Settings,
    series: tuple[str, ...],
) -> Experiment:
    """The autoencoder's networks belong to the run: its checkpoints hold their weights, so that it needs no other."""
    denoiser, latents, autoencoder = objective.denoiser, Latents(part), part.autoencoder
    encoder, decoder = autoencoder.encoder, autoencoder.decoder
    return Experiment(
        node=node,
        images=denoiser.images,
        networks={ENCODER: encoder.network, DECODER: decoder.network, DENOISER: denoiser.network},
        nodes={ENCODER: encoder.node, DECODER: decoder.node, DENOISER: denoiser.node},
        averaged=(DENOISER,),
        frozen=(ENCODER, DECODER),
        optimizers={DENOISER: optimizer},
        updates=(denoiser_update(objective, optimizer, settings, latents),),
        series=series,
        sampler=DenoisingSampler(objective, sampling, settings),
        settings=settings,
        coding=AutoencoderCoding(autoencoder.reconstruction, denoiser.images.values),
        checkup=DenoisingCheckup(objective, latents, sampling.guidance),
    )


def denoiser_update(
    objective: DenoisingPart, optimizer: OptimizerPart, settings: Settings, latents: Latents | None, first: int = 0
) -> Update:
    """The update of a denoiser, in the steps after `first` finished ones.

    latents: what it learns; None for the images. It computes `denoising_loss`, the mean weighted squared error;
    `denoiser_grad_norm`; and `denoiser_learning_rate` with a schedule.
    """
    denoiser, precision = objective.denoiser, precision_of(settings)
    dropped = bool(denoiser.classes and objective.label_dropout)
    labelled = denoiser.classes > 0
    return Update(
        name=DENOISER_UPDATE,
        counter=DENOISER_COUNTER,
        operations=(
            *draw_real_images(denoiser.images, settings, labelled=labelled, numbered=latents is not None),
            *((_encode(objective, latents),) if latents else ()),
            *((_drop_labels(objective),) if dropped else ()),
            _draw_times(objective),
            _draw_noise(objective),
            _mix(objective),
            _predict(objective, precision),
            _loss(objective),
            gradients((DENOISER,), objective.node, WHOLE_LOSS.name, GRADIENT.name),
            optimizer_step(DENOISER, optimizer, settings.total_steps, norm=GRADIENT.name, rate=RATE.name, first=first),
        ),
        first=first,
        series=(WHOLE_LOSS.name, GRADIENT.name, RATE.name),
        prepare=latents.prepare if latents else None,
        image_facts=time_of,
    )


def _encode(objective: DenoisingPart, latents: Latents) -> Operation:
    """Look up the latents of the batch, which were encoded before the first step."""
    part = objective.denoiser.latents
    assert part is not None

    def run(state: TrainState, made: Made) -> Made:
        return {"latents": latents.encoded.train.index_select(0, made["numbers"].to(state.device))}

    return Operation("encode images", part.node, run, pictures=DenoiserPictures(objective).encoded)


def _drop_labels(objective: DenoisingPart) -> Operation:
    """Tell the network no class for some images, so that it can be guided away from what it makes without one."""

    def run(state: TrainState, made: Made) -> Made:
        labels = made["labels"]
        dropped = uniform((len(labels),), state.random, state.device) < objective.label_dropout
        return {"labels": torch.where(dropped.to(labels.device), objective.denoiser.classes, labels)}

    return Operation("drop labels", objective.node, run, pictures=DenoiserPictures(objective).labelled)


def _draw_times(objective: DenoisingPart) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        times = objective.draw_times(len(made["real"]), state.random, state.device)
        return {"times": objective.noising.known(times)}

    return Operation("draw times", objective.node, run, pictures=DenoiserPictures(objective).timed)


def _draw_noise(objective: DenoisingPart) -> Operation:
    shape = objective.denoiser.shape

    def run(state: TrainState, made: Made) -> Made:
        return {"noise": normal((len(made["real"]), *shape), state.random, state.device)}

    return Operation("draw noise", objective.node, run, pictures=DenoiserPictures(objective).noise)


def _mix(objective: DenoisingPart) -> Operation:
    values = objective.denoiser.images.values

    def run(state: TrainState, made: Made) -> Made:
        alpha, sigma = objective.process.levels(made["times"])
        clean = made["latents"] if "latents" in made else to_signed(made["real"], values)
        target = objective.prediction.target(clean, made["noise"], alpha, sigma)
        return {"noisy": alpha * clean + sigma * made["noise"], "target": target}

    formula = r"x_t = \alpha_t x_0 + \sigma_t \varepsilon"
    return Operation("mix", objective.node, run, formula, pictures=DenoiserPictures(objective).mixed)


def _predict(objective: DenoisingPart, precision: Precision) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        labels = (made["labels"],) if objective.denoiser.classes else ()
        with precision():
            predicted = state.networks[DENOISER](made["noisy"], made["times"], *labels).float()
        clean = objective.process.estimates(made["noisy"], predicted.detach(), made["times"]).clean
        return {"predicted": predicted, "estimates": clean}

    return Operation("predict", objective.denoiser.node, run, pictures=DenoiserPictures(objective).predicted)


def _loss(objective: DenoisingPart) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        signal, noise = objective.noising.signal(made["times"]), objective.noising.noise(made["times"])
        each, weights = errors(made["predicted"], made["target"]), objective.weights(signal, noise)
        loss = (weights * each).mean()
        return {"errors": each, "weights": weights, "snr": (signal / noise).square(), WHOLE_LOSS.name: loss}

    return Operation(
        "denoising loss", objective.node, run, objective.formula, pictures=DenoiserPictures(objective).compared
    )
