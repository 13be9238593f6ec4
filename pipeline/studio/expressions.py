"""What the expressions of breakpoints and watches may speak of, and whether one makes sense in a run."""

from collections.abc import Collection
from functools import lru_cache

import pyarrow as pa

from pipeline.conditions.expression import parse
from pipeline.errors.base import GenscopeError

MEANINGS = {
    "step": "number of the step, from 1",
    "D_loss": "discriminator's loss",
    "G_loss": "generator's loss",
    "loss": "loss of the autoencoder, in nats per image",
    "reconstruction": "reconstruction error of a batch, in nats per image",
    "kl": "KL divergence of the codes from the noise, before its weight, in nats per image",
    "D_real": "mean score of real images",
    "D_fake": "mean score of generated images",
    "D_grad_norm": "L2 norm of the discriminator's gradient",
    "G_grad_norm": "L2 norm of the generator's gradient",
    "grad_norm": "L2 norm of the gradient of encoder and decoder",
    "D_learning_rate": "discriminator's learning rate, by its schedule",
    "G_learning_rate": "generator's learning rate, by its schedule",
    "encoder_learning_rate": "encoder's learning rate, by its schedule",
    "decoder_learning_rate": "decoder's learning rate, by its schedule",
    "gradient_penalty": "gradient penalty, before its weight",
    "critic_slope": "mean norm of the critic's gradient; 1 is wanted",
    "r1": "R1 penalty on real images, before its weight",
    "r2": "R2 penalty on generated images, before its weight",
    "dragan": "DRAGAN penalty around real images, before its weight",
    "D_l1": "sum of the discriminator's absolute weights",
    "D_l2": "half the sum of the discriminator's squared weights",
    "G_l1": "sum of the generator's absolute weights",
    "G_l2": "half the sum of the generator's squared weights",
    "augment_strength": "probability of each augmentation that the discriminator sees",
    "images_per_second": "speed",
    "seconds": "seconds of training so far",
    "diversity": "distance between samples; 1 as between real images",
    "energy_distance": "distance of samples from real images",
    "D_train": "mean score of training images in eval mode",
    "D_held_out": "mean score of held-out images in eval mode",
    "r_t": "mean sign of the scores of training images",
    "held_out_reconstruction": "reconstruction error of held-out images, in nats per image",
    "mean_image_error": "the same if the mean image stood for each of them",
    "active_units": "latent dimensions that tell images apart",
    "dead_units": "largest share of a layer's units that stay zero",
}
"""Of every metric by name. Those from diversity on are measured with every sample grid and stay until the next."""

SYNTAX = {
    "mean(x, n)": "mean of x over the last n steps",
    "min(x, y), max(x, y)": "the lowest and the highest",
    "abs(x)": "x without its sign",
    "isnan(x)": "whether x was not measured",
    "and, or, not, ( )": "join conditions",
    "< <= > >= == !=": "compare; also 0.4 < D_real < 0.6",
    "+ - * /": "reckon",
}


@lru_cache(maxsize=32)
def vocabulary(names: tuple[str, ...]) -> pa.Table:
    """Names and functions as rows for a table: columns Name and What it is. names: the metrics of a run."""
    rows = {name: MEANINGS.get(name, "a term of the loss") for name in dict.fromkeys(("step", *names))} | SYNTAX
    return pa.table({"Name": pa.array(rows, pa.string()), "What it is": pa.array(rows.values(), pa.string())})


def refusal(expression: str, names: Collection[str]) -> str:
    """Why an expression makes no sense in a run with these metrics, in a sentence; "" where it does."""
    try:
        parse(expression, names)
    except GenscopeError as error:
        return str(error)
    return ""
