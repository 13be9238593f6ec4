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

SCORED = {"score real": "real", "score fake": "generated"}
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


WORDS = Words(
    headings={
        "draw noise": "Draw noise",
        "generate": "Generate",
        "score real": "Score real images",
        "score fake": "Score generated images",
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
        "loss": _loss,
        "penalty": _penalty,
    },
    images=SCORED,
    vectors={"draw noise": "Noise"},
    terms=TERMS,
    formula=letters,
)
