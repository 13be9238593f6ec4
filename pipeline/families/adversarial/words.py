"""Descriptions of the stages of a GAN, and the symbols of its formulas."""

from pipeline.families.shared_words import (
    describe_loss,
    describe_unknown_stage,
    draw_real,
    loss_terms,
    penalty_weight,
    spread,
)
from pipeline.families.words import FinishedStage, Live, StageFacts, Words
from pipeline.formatting import number
from pipeline.why import Why

AGAIN = "score fake again"
SCORED = {"score real": "real", "score fake": "generated", AGAIN: "generated"}
"""Stage -> the images that it scores."""

TERMS = {"real": "real images", "fake": "generated images", "pairs": "pairs of a real and a generated image"}


def _draw_real(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    compared = " The generator's loss compares its images with them." if stage.update == "generator" else ""
    return f"{draw_real(stage, facts, live)}{compared}"


def _draw_noise(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    where = spread(stage)
    if not where:
        return f"Drew {facts.batch:,} vectors of random numbers, one for each image to generate."
    dim = len(stage.latents[0])
    return (
        f"Drew {facts.batch:,} vectors of {dim:,} random numbers, one for each image to generate. "
        f"{where[:1].upper()}{where[1:]}."
    )


def _generate(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    made = f"The generator made {facts.batch:,} images from the noise."
    if stage.update == "generator":
        return f"{made} This update trains the generator: gradients flow back to it through these images."
    return f"{made} It is not trained in this update: the {stage.update} learns to tell its images from real ones."


def _clip(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    bound = number(live.get(f"{stage.node}.bound", float("nan")))
    return f"Clipped every weight of the {stage.update} to between −{bound} and {bound}."


def _noise(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return "Added new noise to every image. The discriminator sees only the noisy images."


def _augment(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return "Augmented real and generated images alike. The discriminator sees only the augmented images."


def _score(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    images = SCORED[stage.name]
    scores = stage.scores
    if not scores:
        return f"The discriminator scored the {images} images."
    mean = number(sum(scores) / len(scores))
    summary = (
        f"The discriminator scored the {len(scores):,} {images} images: {mean} on average, "
        f"from {number(min(scores))} to {number(max(scores))}."
    )
    unit = (
        "A score is the probability that an image is real."
        if facts.scores == "probability"
        else "A score is an unbounded number without a unit; only differences between scores count."
    )
    if stage.update == "generator":
        aim = "The generator learns to raise these scores." if images == "generated" else ""
    else:
        aim = f"The discriminator learns to score these {'low' if images == 'generated' else 'high'}."
    if stage.name == AGAIN:
        aim = (
            "They are the images of the discriminator's last update, scored again now that it has changed: this update "
            f"draws no noise of its own, and trains the generator through them. {aim}"
        )
    return f"{summary} {unit} {aim}".rstrip()


def _loss(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    more = ""
    if loss_terms(stage)[0] and {"D_real", "D_fake"} <= stage.values.keys():
        real, fake = number(stage.values["D_real"]), number(stage.values["D_fake"])
        more = f"Real images scored {real} on average (D_real), generated ones {fake} (D_fake)."
    return describe_loss(stage, facts, TERMS, more)


def _penalty(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    metric, *others = stage.values or [""]
    if not metric:
        return describe_unknown_stage(stage, facts)
    value = stage.values[metric]
    weight = penalty_weight(stage, live)
    if weight == 0 and len(stage.values) == 1:
        return f"The weight of {metric} is 0, so it was skipped."
    text = f"{metric} is {number(value)}."
    loss = next((name for name in others if name.endswith("_loss")), "")
    if loss and weight is not None:
        text += (
            f" With its weight of {number(weight)} it adds {number(weight * value)} to {loss}, "
            f"which is now {number(stage.values[loss])}."
        )
    for slope in others:
        if slope != loss:
            text += f" The mean gradient norm of the scores is {number(stage.values[slope])} ({slope})."
    return text


def letters(formula: str, facts: StageFacts) -> str:
    """The meaning of a formula's symbols, as Markdown."""
    if "D(" not in formula:
        return "$w$ is a weight of the network."
    probability = facts.scores == "probability"
    score = r"its logit, which the sigmoid $\sigma$ turns into a probability" if probability else "its score"
    mixed = r", $\hat{x}$ a point on the line between the two" if r"\hat{x}" in formula else ""
    mixed += r", $\delta$ a little noise" if r"\delta" in formula else ""
    images = rf"$x$ is a real image, $G(z)$ a generated one{mixed}"
    words = rf"{images}, $D(\cdot)$ {score}; $\mathbb{{E}}$ is the mean over the batch."
    return words + (r" $\operatorname{softplus}(t) = \log(1 + e^t)$." if "softplus" in formula else "")


GAN = "Goodfellow et al. 2014, Generative Adversarial Nets"
GAN_URL = "https://arxiv.org/abs/1406.2661"
WHYS = {
    "draw noise": Why(
        "The generator turns random numbers into images, so new numbers give new images. Their distribution stays the "
        "same all through training, and sampling later draws from it too.",
        GAN,
        GAN_URL,
    ),
    "generate": Why(
        "The generator is never shown a real image: it learns only from how its own images are scored. So each update "
        "needs new images of the generator as it is now.",
        GAN,
        GAN_URL,
    ),
    "add noise": Why(
        "Real and generated images rarely overlap, so a discriminator can separate them perfectly and then gives no "
        "useful gradient. Noise on both makes them overlap, which keeps the game going.",
        "Arjovsky & Bottou 2017, Towards Principled Methods for Training Generative Adversarial Networks",
        "https://arxiv.org/abs/1701.04862",
    ),
    "augment": Why(
        "With few images the discriminator memorises them, and its scores then teach the generator nothing. "
        "Differentiable augmentation of real and generated images alike prevents this, without leaking into samples.",
        "Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GAN Training",
        "https://arxiv.org/abs/2006.10738",
    ),
    "score real": Why(
        "The discriminator learns to score real images high, which gives the generator a standard to reach. Scores "
        "that are always perfect mean that it has won, and that little is left for the generator to learn from.",
        GAN,
        GAN_URL,
    ),
    "score fake": Why(
        "How the discriminator scores generated images is all that either network learns about them. The discriminator "
        "learns to lower these scores, the generator to raise them: that is the game.",
        GAN,
        GAN_URL,
    ),
    AGAIN: Why(
        "The images that the discriminator has just learned from are there already, so the generator need not make "
        "new ones. But the discriminator has just learned to score these very images low; the original algorithm draws "
        "new noise for each update instead.",
        "Inkawhich 2018, DCGAN Tutorial",
        "https://docs.pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html",
    ),
    "loss": Why(
        "The two networks minimise different losses, so neither curve has to fall: in a good game they balance each "
        "other. Judge the images and the scores, not the loss alone.",
        GAN,
        GAN_URL,
    ),
    "penalty": Why(
        "A penalty keeps the discriminator's slope or its weights small, so that its gradients stay useful to the "
        "generator. Without one, training need not converge even near the solution.",
        "Mescheder, Geiger & Nowozin 2018, Which Training Methods for GANs do actually Converge?",
        "https://arxiv.org/abs/1801.04406",
    ),
    "clip weights": Why(
        "A Wasserstein critic must not be arbitrarily steep, or its scores have no meaning as a distance. Clipping its "
        "weights bounds the slope crudely; a gradient penalty does so more gently.",
        "Arjovsky, Chintala & Bottou 2017, Wasserstein GAN",
        "https://arxiv.org/abs/1701.07875",
    ),
    "adapt strength": Why(
        "Too much augmentation slows learning, too little lets the discriminator overfit. So its probability follows a "
        "sign of overfitting: how certain the discriminator is about real training images.",
        "Karras et al. 2020, Training Generative Adversarial Networks with Limited Data",
        "https://arxiv.org/abs/2006.06676",
    ),
}

WORDS = Words(
    headings={
        "draw noise": "Draw noise",
        "generate": "Generate",
        "score real": "Score real images",
        "score fake": "Score generated images",
        AGAIN: "Score the same images again",
        "penalty": "Penalty",
    },
    describers={
        "draw real images": _draw_real,
        "draw noise": _draw_noise,
        "generate": _generate,
        "add noise": _noise,
        "augment": _augment,
        "clip weights": _clip,
        "score real": _score,
        "score fake": _score,
        AGAIN: _score,
        "loss": _loss,
        "penalty": _penalty,
    },
    images=SCORED,
    vectors={"draw noise": "Noise"},
    terms=TERMS,
    formula=letters,
    whys=WHYS,
)
