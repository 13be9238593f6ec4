"""Descriptions of the stages of a denoiser's update, and the symbols of its formulas."""

from pipeline.families.diffusion.whys import WHYS
from pipeline.families.shared_words import describe_unknown_stage, gradients
from pipeline.families.words import FinishedStage, Live, StageFacts, Words
from pipeline.formatting import number
from pipeline.why import Why

LETTERS = {
    "x_0": r"$x_0$ is an image, or its latent",
    r"\varepsilon": r"$\varepsilon$ is noise",
    r"\alpha_t": r"$\alpha_t$ and $\sigma_t$ are the shares of image and noise at time $t$",
    "x_t": "$x_t$ is what is noisy",
    "f_t": "$f_t$ is the prediction",
    "w_t": "$w_t$ is the weight of time $t$",
    r"\mathbb{E}": r"$\mathbb{E}$ is the mean over the batch",
}
"""A symbol in a formula -> its meaning."""

DDPM = ("Ho, Jain and Abbeel 2020", "https://arxiv.org/abs/2006.11239")


def _encode(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return (
        f"Took the latent of each of the {facts.batch:,} images, which the encoder computed once, before the first "
        "step with latents. The denoiser sees only these; what the decoder makes of them shows what is lost."
    )


def _drop_labels(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return "Hid the class of some images at random, so that the network also learns to do without it."


def _draw_times(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return f"Drew a time t between 0 (the image) and 1 (only noise) for each of the {facts.batch:,} images."


def _draw_noise(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return f"Drew noise for each of the {facts.batch:,} images from the standard normal distribution."


def _mix(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return "Mixed each image with its noise, in the shares that its time says."


def _predict(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return (
        f"{facts.title(stage.node)} saw only what is noisy, its times and, if it is conditional, its classes. Each "
        "prediction amounts to an estimate of the image, which is blurred where the noise hides the image."
    )


def _loss(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    name = next(iter(stage.values), "")
    if not name:
        return describe_unknown_stage(stage, facts)
    return (
        f"{name} is {number(stage.values[name])}, the mean of the losses of the {facts.batch:,} images. The loss of an "
        "image, shown below it, is the squared error of its prediction times the weight of its time. The "
        f"{stage.update} is trained to minimise the mean."
    )


def _gradients(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    """With the name of its loss, which is not that of the norm."""
    return gradients(stage, facts, live).replace("denoiser_loss", "denoising_loss")


def letters(formula: str, facts: StageFacts) -> str:
    """The meaning of the symbols in this formula."""
    known = [meaning for symbol, meaning in LETTERS.items() if symbol in formula]
    return f"{'; '.join(known)}." if known else ""


WORDS = Words(
    headings={
        "encode images": "Encode",
        "drop labels": "Drop labels",
        "draw times": "Draw times",
        "draw noise": "Draw noise",
        "mix": "Mix",
        "predict": "Predict",
        "denoising loss": "Loss",
    },
    describers={
        "encode images": _encode,
        "drop labels": _drop_labels,
        "draw times": _draw_times,
        "draw noise": _draw_noise,
        "mix": _mix,
        "predict": _predict,
        "denoising loss": _loss,
        "gradients": _gradients,
    },
    formula=letters,
    whys={
        "encode images": Why(
            "A latent has far fewer numbers than an image, and none of the detail that no one sees, so a small "
            "denoiser learns it in less time. Latents do not change while the denoiser learns, so they are encoded "
            "once.",
            "Rombach et al. 2022",
            "https://arxiv.org/abs/2112.10752",
        ),
        "denoising loss": WHYS["loss"],
        "drop labels": Why(
            "A network that was told no class for some images can predict with and without one. The difference of the "
            "two predictions points to the class, and sampling goes further in that direction.",
            "Ho and Salimans 2022",
            "https://arxiv.org/abs/2207.12598",
        ),
        "draw times": Why(
            "A single network learns to denoise at all times, from faint noise to almost nothing else. How often each "
            "time is drawn decides where it learns most.",
            "Esser et al. 2024",
            "https://arxiv.org/abs/2403.03206",
        ),
        "draw noise": Why(
            "The noise is known, so that the network can be told the right answer for every pixel. There is no "
            "opponent and no game: this is why diffusion models train so steadily.",
            *DDPM,
        ),
        "mix": Why(
            "An image at any time is reached in one step, without passing through the times before. So every image of "
            "a batch can have a time of its own.",
            *DDPM,
        ),
        "predict": Why(
            "The best prediction is the mean of all images that could have become this noisy one, so it is blurred at "
            "late times. Sampling goes a small step towards it, and asks again.",
            "Song et al. 2021",
            "https://arxiv.org/abs/2011.13456",
        ),
    },
)
