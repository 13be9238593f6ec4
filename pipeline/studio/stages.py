"""What a stage of a training step has just done, in plain words; its data for tables and charts is in `stage_data.py`.

Stages that are not known here, of nodes of one's own, are told of by their name, their node and their numbers.
"""

from collections.abc import Callable, Mapping
from math import hypot
from typing import Any

import numpy as np

from pipeline.runtime.messages import StageSeen
from pipeline.studio import coding_stages
from pipeline.studio.stage_facts import StageFacts
from pipeline.wording import listed, number

Row = Mapping[str, Any]
"""name, shape, weight, gradient, update of one parameter tensor: `StageSeen.parameters`."""

HEADINGS = {
    "draw real images": "Draw real images",
    "draw noise": "Draw noise",
    "generate": "Generate",
    "score real": "Score real images",
    "score fake": "Score generated images",
    "loss": "Loss",
    "penalty": "Penalty",
    "gradients": "Gradients",
    "update": "Update of the weights",
    **coding_stages.HEADINGS,
}
SCORED = {"score real": "real", "score fake": "generated"}
"""Stage -> the images that it scores."""

TERMS = {
    "real": "real images",
    "fake": "generated images",
    "pairs": "pairs of a real and a generated image",
    **coding_stages.TERMS,
}
"""Terms of a loss as people say them."""


def heading(name: str) -> str:
    """A stage's name as a title."""
    return HEADINGS.get(name, name[:1].upper() + name[1:])


def is_last(stage: StageSeen) -> bool:
    """Whether the step is done with this stage."""
    return stage.number >= stage.of


def place(stage: StageSeen, step: int) -> str:
    """Where in training the stage stands. step: the last one that is done."""
    if is_last(stage):
        return f"Step {step:,} is done · stage {stage.number} of {stage.of} · {stage.update}'s update"
    return f"Step {step + 1:,} · stage {stage.number} of {stage.of} · {stage.update}'s update"


def upcoming(stage: StageSeen, facts: StageFacts, step: int) -> str:
    """What the next stage will do, and whose it is. step: the last one that is done."""
    title = facts.title(stage.next_node)
    begins = f", the first of step {step + 1:,}" if is_last(stage) else ""
    another = "another" if stage.next_update == stage.update else "the"
    other = f", the first of {another} {stage.next_update}'s update" if stage.next_begins and not begins else ""
    return f"{heading(stage.next_name).lower()} ({title}){begins or other}"


def caption(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    """What the stage has just done, in a sentence or a few. live: the live parameters by "node.parameter"."""
    tell = _TELLERS.get(stage.name, _any_stage)
    return tell(stage, facts, live)


Teller = Callable[[StageSeen, StageFacts, Mapping[str, float]], str]


def _draw_real(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    compared = " The generator's loss compares its images with them." if stage.update == "generator" else ""
    return f"Drew {facts.batch:,} real images from the training set.{compared}"


def _draw_noise(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    values = np.array(stage.latents)
    drawn = f"Drew {facts.batch:,} vectors of random numbers, one for each image to generate."
    if not values.size:
        return drawn
    rows, dim = values.shape
    return (
        f"Drew {facts.batch:,} vectors of {dim:,} random numbers, one for each image to generate. "
        f"The first {rows} have a mean of {values.mean():.2f} and a standard deviation of {values.std():.2f}."
    )


def _generate(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    made = f"The generator made {facts.batch:,} images of the noise."
    if stage.update == "generator":
        return f"{made} It is the one to learn now: gradients will come back to it through these images."
    return f"{made} It stays as it is in this update: the {stage.update} learns to tell its images from real ones."


def _clip(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    bound = number(live.get(f"{stage.node}.bound", float("nan")))
    return f"Cut every weight of the {stage.update} to between −{bound} and {bound}."


def _noise(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    return "Added fresh noise to every image: the discriminator sees these, and never the images without it."


def _augment_real(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    return "Changed every real image at random, each in its own way; training goes on with these."


def _augment(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    return "Augmented real and generated images alike: the discriminator sees these, and never the images as they were."


def _score(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    images = SCORED[stage.name]
    scores = stage.scores
    if not scores:
        return f"The discriminator scored the {images} images."
    mean = number(sum(scores) / len(scores))
    told = (
        f"The discriminator scored the {len(scores):,} {images} images: {mean} on average, "
        f"from {number(min(scores))} to {number(max(scores))}."
    )
    unit = (
        "A score is its probability that an image is real."
        if facts.probability
        else "A score is a number without bounds or unit; only differences between scores count."
    )
    if stage.update == "generator":
        aim = "The generator learns to have these scored high." if images == "generated" else ""
    else:
        aim = f"It learns to score these {'low' if images == 'generated' else 'high'}."
    return f"{told} {unit} {aim}".rstrip()


def _loss(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    loss, terms = loss_terms(stage)
    if not loss:
        return _any_stage(stage, facts, live)
    sources = [TERMS.get(name, name) for name in terms]
    parts = [f"{number(value)} from {source}" for value, source in zip(terms.values(), sources, strict=True)]
    told = f": {listed(parts)}." if len(parts) > 1 else f", from {sources[0]}."
    told = f"{loss} is {number(stage.values[loss])}{told}"
    if {"D_real", "D_fake"} <= stage.values.keys():
        real, fake = number(stage.values["D_real"]), number(stage.values["D_fake"])
        told += f" Real images scored {real} on average (D_real), generated ones {fake} (D_fake)."
    return f"{told}{coding_stages.kl_words(stage)} The {stage.update} learns to make it small."


def _penalty(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    metric, *others = stage.values or [""]
    if not metric:
        return _any_stage(stage, facts, live)
    value = stage.values[metric]
    weight = penalty_weight(stage, live)
    if weight == 0 and len(stage.values) == 1:
        return f"The weight of {metric} is 0, so it was left out."
    told = f"{metric} is {number(value)}."
    loss = next((name for name in others if name.endswith("_loss")), "")
    if loss and weight is not None:
        told += (
            f" With its weight of {number(weight)} it adds {number(weight * value)} to {loss}, "
            f"which is {number(stage.values[loss])} now."
        )
    for slope in others:
        if slope != loss:
            told += f" The mean slope of the scores is {number(stage.values[slope])} ({slope})."
    return told


def _gradients(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    known = [row for row in stage.parameters if row["gradient"] is not None]
    if not known:
        return _any_stage(stage, facts, live)
    metric, norm = next(iter(stage.values.items()), ("", hypot(*(row["gradient"] for row in known))))
    loss = metric.replace("grad_norm", "loss") if metric.endswith("grad_norm") else "its loss"
    largest = max(known, key=lambda row: row["gradient"])
    return (
        f"Gradients of {loss} by the weights of the {_learning(stage)}: their norm is {number(norm)} over "
        f"{len(known)} tensors; the largest is that of {largest['name']}, {number(largest['gradient'])}."
    )


def _update(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    moved = [row for row in stage.parameters if row["update"] is not None and row["weight"]]
    if not moved:
        return _any_stage(stage, facts, live)
    share = hypot(*(row["update"] for row in moved)) / hypot(*(row["weight"] for row in moved))
    most = max(moved, key=lambda row: row["update"] / row["weight"])
    # One that has a schedule says what it has used; else that is the live value.
    scheduled = (value for name, value in stage.values.items() if name.endswith("learning_rate"))
    rate = next(scheduled, live.get(f"{stage.node}.learning_rate"))
    by = facts.kinds.get(stage.node, facts.title(stage.node))
    at = f", at a learning rate of {number(rate)}," if rate is not None else ""
    return (
        f"{by}{at} moved the weights of the {_learning(stage)} by {_percent(share)} of their norm; most of all "
        f"{most['name']}, by {_percent(most['update'] / most['weight'])} of its own."
    )


def _learning(stage: StageSeen) -> str:
    """The networks that the stage is about."""
    return " and the ".join(stage.roles) or stage.update


def _any_stage(stage: StageSeen, facts: StageFacts, live: Mapping[str, float]) -> str:
    done = f"{facts.title(stage.node)} has done its stage “{stage.name}” in the {stage.update}'s update."
    made = listed([f"{name} {number(value)}" for name, value in stage.values.items()])
    return f"{done} It found {made}." if made else done


def loss_terms(stage: StageSeen) -> tuple[str, Mapping[str, float]]:
    """The name of the loss that the stage has worked out, "" for none, and its terms by name."""
    terms = {name: value for name, value in stage.values.items() if ": " in name}
    loss = next((name.partition(": ")[0] for name in terms), "")
    named = {name.removeprefix(f"{loss}: "): value for name, value in terms.items()}
    return (loss, named) if loss in stage.values else ("", {})


def penalty_weight(stage: StageSeen, live: Mapping[str, float]) -> float | None:
    """The live weight of the penalty that the stage has worked out."""
    return live.get(f"{stage.node}.penalty_weight")


def _percent(share: float) -> str:
    return f"{number(100 * share)} %"


_TELLERS: Mapping[str, Teller] = {
    "draw real images": _draw_real,
    "augment real images": _augment_real,
    "draw noise": _draw_noise,
    "generate": _generate,
    "add noise": _noise,
    "augment": _augment,
    "clip weights": _clip,
    "score real": _score,
    "score fake": _score,
    "loss": _loss,
    "penalty": _penalty,
    "gradients": _gradients,
    "update": _update,
    **coding_stages.TELLERS,
}
