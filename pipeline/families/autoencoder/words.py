"""Descriptions of the stages of an autoencoder's update, and the symbols of its formulas."""

from pipeline.families.shared_words import describe_loss, loss_terms, spread
from pipeline.families.words import FinishedStage, Live, StageFacts, Words
from pipeline.formatting import number
from pipeline.why import Why

TERMS = {"reconstruction": "the reconstruction error", "kl": "the KL term"}

LETTERS = {
    r"\tilde{x}": r"$\tilde{x}$ is the reconstruction of image $x$, $\lVert \cdot \rVert$ a norm over all its pixels",
    r"\tilde{b}": r"$b$ is the brightness of a pixel from 0 to 1, $\tilde{b}$ that of its reconstruction",
    r"\mu": r"$\mu$ and $\sigma$ are the mean and the standard deviation of each code, from the encoder",
    r"\varepsilon": r"$\varepsilon$ is noise, $z$ the code",
    r"\beta": r"$\beta$ is the weight of the KL term",
    r"\mathbb{E}": r"$\mathbb{E}$ is the mean over the batch",
}
"""A symbol in a formula -> its meaning."""


def _encode(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return f"The encoder computed a code for each of the {facts.batch:,} images{_codes(stage)}."


def _sample_codes(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return (
        f"Sampled one code for each image from the distribution that the encoder returned{_codes(stage)}. "
        "Gradients pass through it to the distribution."
    )


def _decode(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return f"The decoder made an image from each of the {facts.batch:,} codes. The closer to the original, the better."


def _loss(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return describe_loss(stage, facts, TERMS, _kl(stage) if loss_terms(stage)[0] else "")


def _kl(stage: FinishedStage) -> str:
    """A sentence on the KL term and its weight, "" if the loss has none."""
    kl, counted = stage.values.get("kl"), stage.values.get("loss: kl")
    if kl is None or counted is None:
        return ""
    weight = f", weighted by {number(counted / kl)}" if kl else ""
    return f"The codes' KL divergence from the noise is {number(kl)} nats{weight}."


def _codes(stage: FinishedStage) -> str:
    where = spread(stage)
    return f" ({len(stage.latents[0]):,} numbers each; {where})" if where else ""


def letters(formula: str, facts: StageFacts) -> str:
    """The meaning of a formula's symbols, as Markdown."""
    known = [words for letter, words in LETTERS.items() if letter in formula]
    return f"{'; '.join(known)}." if known else ""


AE = "Hinton & Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural Networks"
AE_URL = "https://doi.org/10.1126/science.1127647"
VAE = "Kingma & Welling 2014, Auto-Encoding Variational Bayes"
VAE_URL = "https://arxiv.org/abs/1312.6114"
WHYS = {
    "encode": Why(
        "The code has far fewer numbers than the image, so the encoder must find what images have in common. What does "
        "not fit into the code cannot be reconstructed.",
        AE,
        AE_URL,
    ),
    "sample codes": Why(
        "Decoding a random point near each code, instead of the code itself, fills the gaps between codes, from which "
        "new images are drawn later. Written as mean plus scaled noise, the draw lets gradients pass to the encoder.",
        VAE,
        VAE_URL,
    ),
    "decode": Why(
        "Only an image decoded from its code can be compared with the original, which is how both networks learn. "
        "Blurred details are ones that the code does not hold, or that the error does not punish.",
        AE,
        AE_URL,
    ),
    "loss": Why(
        "The reconstruction error asks for faithful images; in a variational autoencoder, the KL term asks for codes "
        "that look like the noise that samples are drawn from. The balance of the two decides between sharp "
        "reconstructions and good samples.",
        VAE,
        VAE_URL,
    ),
}

WORDS = Words(
    headings={"encode": "Encode", "sample codes": "Sample codes", "decode": "Decode"},
    describers={"encode": _encode, "sample codes": _sample_codes, "decode": _decode, "loss": _loss},
    images={"decode": "reconstructed"},
    vectors={"encode": "Codes", "sample codes": "Sampled codes"},
    terms=TERMS,
    formula=letters,
    whys=WHYS,
)
