"""What the stages of an autoencoder's update have just done, in plain words; `stages.py` asks here."""

from collections.abc import Callable, Mapping

import numpy as np

from pipeline.runtime.messages import StageSeen
from pipeline.studio.stage_facts import StageFacts
from pipeline.wording import number

HEADINGS = {"encode": "Encode", "sample codes": "Sample codes", "decode": "Decode"}
VECTORS = {"encode": "Codes", "sample codes": "Sampled codes"}
"""Stage -> what the vectors are that it has made."""

TERMS = {"reconstruction": "the reconstruction error", "kl": "the KL term"}
"""Terms of a loss as people say them."""


def encode(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    """Where the codes are."""
    made = f"The encoder made a code of each of the {facts.batch:,} images"
    return f"{made}{_spread(stage)}."


def sample_codes(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    """Where the sampled codes are."""
    return (
        f"Of the distribution that the encoder gave of each image, one code was drawn at random{_spread(stage)}. "
        "Gradients pass through it to the distribution."
    )


def decode(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    """What the decoder did."""
    return f"The decoder made an image of each of the {facts.batch:,} codes. The closer to the original, the better."


def kl_words(stage: StageSeen) -> str:
    """What the KL term counts, as a sentence to add; "" of a loss without one."""
    kl, counted = stage.values.get("kl"), stage.values.get("loss: kl")
    if kl is None or counted is None:
        return ""
    weight = f", and counts {number(counted / kl)}-fold" if kl else ""
    return f" The codes' divergence from the noise is {number(kl)} nats{weight}."


def _spread(stage: StageSeen) -> str:
    values = np.array(stage.latents)
    if not values.size:
        return ""
    rows, dim = values.shape
    return (
        f": {dim:,} numbers, which in the first {rows} have a mean of {values.mean():.2f} "
        f"and a standard deviation of {values.std():.2f}"
    )


TELLERS: Mapping[str, Callable[[StageSeen, StageFacts, Mapping[str, float]], str]] = {
    "encode": encode,
    "sample codes": sample_codes,
    "decode": decode,
}
