"""The step of an autoencoder: one update of encoder and decoder together.

Without a prior: encode, decode, compare (Hinton & Salakhutdinov 2006). With a prior: the variational autoencoder of
Kingma & Welling 2014 (arXiv 1312.6114), whose encoder returns a distribution over codes. One code is sampled for each
image, and the loss is the negative evidence lower bound, averaged over the batch.

Tensors by name: `real`, `reconstructions` (B, C, H, W), `logits` of the latter's brightness; `codes`, or
`means` and `log_variances`, then `latents` (B, dim).
"""

from pipeline.families.autoencoder.checkup import AutoencoderCheckup
from pipeline.families.autoencoder.coding import (
    AutoencoderCoding,
    AutoencoderPart,
    decoded,
    encoded,
    reconstruction_error,
)
from pipeline.families.autoencoder.family import AUTOENCODER_UPDATE, DECODER, ENCODER
from pipeline.families.autoencoder.sampler import DecoderSampler, ReconstructionSampler
from pipeline.objectives.elbo import KL_FORMULA, Decoded, kl_to_standard_normal, kl_warmup_factor, reparametrise
from pipeline.training.experiment import Experiment
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.settings import Settings
from pipeline.training.stages import Made, Operation, Update
from pipeline.training.state import TrainState
from pipeline.training.update_operations import Precision, draw_real_images, gradients, optimizer_step, precision_of


def autoencoder_experiment(
    node: str,
    objective: AutoencoderPart,
    encoder_optimizer: OptimizerPart,
    decoder_optimizer: OptimizerPart,
    settings: Settings,
    series: tuple[str, ...],
) -> Experiment:
    """Build the Experiment: a step is one update of both networks.

    node: id of the training node. series: what is recorded, as the node declares it. Live values and sample grids
    belong to other nodes, so the caller adds them.

    A step computes, in nats per image, `loss`, which is minimised, and its unweighted terms: `reconstruction`, and `kl`
    if there is a prior; then `grad_norm` of both networks together; `encoder_learning_rate` and
    `decoder_learning_rate` of optimizers with a schedule.
    """
    encoder, decoder, precision = objective.encoder, objective.decoder, precision_of(settings)
    total, coding = settings.total_steps, AutoencoderCoding(objective.reconstruction, encoder.images.values)

    update = Update(
        name=AUTOENCODER_UPDATE,
        counter="updates",
        operations=(
            *draw_real_images(encoder.images, settings),
            _encode(objective, precision),
            *((_sample_codes(objective, settings),) if objective.beta else ()),
            _decode(objective, precision),
            _loss(objective),
            gradients((ENCODER, DECODER), objective.node, "loss", "grad_norm"),
            optimizer_step(ENCODER, encoder_optimizer, total, norm="grad_norm: encoder", rate="encoder_learning_rate"),
            optimizer_step(DECODER, decoder_optimizer, total, norm="grad_norm: decoder", rate="decoder_learning_rate"),
        ),
        image_facts=lambda made, row: "",
    )
    return Experiment(
        node=node,
        images=encoder.images,
        networks={ENCODER: encoder.network, DECODER: decoder.network},
        nodes={ENCODER: encoder.node, DECODER: decoder.node},
        averaged=(ENCODER, DECODER),
        optimizers={ENCODER: encoder_optimizer, DECODER: decoder_optimizer},
        updates=(update,),
        series=series,
        sampler=DecoderSampler(decoder, settings),
        grid=None if objective.has_prior else ReconstructionSampler(encoder.images, coding, settings),
        settings=settings,
        coding=coding,
        checkup=AutoencoderCheckup(objective, coding),
    )


def _encode(objective: AutoencoderPart, precision: Precision) -> Operation:
    names = ("means", "log_variances") if objective.beta else ("codes",)

    def run(state: TrainState, made: Made) -> Made:
        with precision():
            numbers = encoded(state.networks[ENCODER], made["real"])
        return dict(zip(names, numbers, strict=True))

    return Operation("encode", objective.encoder.node, run)


def _sample_codes(objective: AutoencoderPart, settings: Settings) -> Operation:
    prior = objective.encoder.prior

    def run(state: TrainState, made: Made) -> Made:
        noise = prior.draw(settings.share, state.random, settings.device)
        return {"latents": reparametrise(made["means"], made["log_variances"], noise)}

    return Operation("sample codes", prior.node, run, r"z = \mu + \sigma \cdot \varepsilon")


def _decode(objective: AutoencoderPart, precision: Precision) -> Operation:
    values = objective.encoder.images.values

    def run(state: TrainState, made: Made) -> Made:
        with precision():
            images, logits = decoded(state.networks[DECODER], made["latents" if objective.beta else "codes"], values)
        return {"reconstructions": images, "logits": logits}

    return Operation("decode", objective.decoder.node, run)


def _loss(objective: AutoencoderPart) -> Operation:
    reconstruction, values = objective.reconstruction, objective.encoder.images.values

    def run(state: TrainState, made: Made) -> Made:
        made_of = Decoded(made["reconstructions"], made["logits"])
        error = reconstruction_error(reconstruction, made["real"], made_of, values).mean()
        if not objective.beta:
            return {"reconstruction": error, "loss: reconstruction": error, "loss": error}
        kl = kl_to_standard_normal(made["means"], made["log_variances"]).mean()
        weighted = state.live[objective.beta] * kl_warmup_factor(state.step, objective.kl_warmup_steps) * kl
        terms = {"loss: reconstruction": error, "loss: kl": weighted}
        return {"reconstruction": error, "kl": kl, **terms, "loss": error + weighted}

    terms = (reconstruction.formula, *((KL_FORMULA,) if objective.beta else ()))
    # One line per term: on one line they would be wider than the page's column.
    lines = r" \\ {} + ".join(rf"\mathbb{{E}}\big[ {term} \big]" for term in terms)
    return Operation("loss", objective.node, run, rf"\begin{{gathered}} {lines} \end{{gathered}}")
