"""Descriptions of the stages that all families share, torch-free. A family's own words take precedence.

`WORDS` covers the stages of any update: drawing real images, computing a loss and its gradients, and updating the
weights. The functions below it help families build their sentences.
"""

from collections.abc import Mapping
from math import hypot

import numpy as np

from pipeline.families.words import FinishedStage, Live, StageFacts, Words
from pipeline.formatting import number
from pipeline.why import Why


def draw_real(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return f"Drew {facts.batch:,} real images from the training set."


def augment_real(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return "Augmented every real image at random, each differently. Training uses the augmented images."


def loss(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    return describe_loss(stage, facts, {})


def gradients(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    known = [row for row in stage.parameters if row["gradient"] is not None]
    if not known:
        return describe_unknown_stage(stage, facts)
    metric, norm = next(iter(stage.values.items()), ("", hypot(*(row["gradient"] for row in known))))
    of = metric.replace("grad_norm", "loss") if metric.endswith("grad_norm") else "its loss"
    largest = max(known, key=lambda row: row["gradient"])
    return (
        f"Computed the gradients of {of} for the weights of the {_learning(stage)}: the norm over {len(known)} tensors "
        f"is {number(norm)}; the largest is {number(largest['gradient'])}, of {largest['name']}."
    )


def update(stage: FinishedStage, facts: StageFacts, live: Live) -> str:
    moved = [row for row in stage.parameters if row["update"] is not None and row["weight"]]
    if not moved:
        return describe_unknown_stage(stage, facts)
    share = hypot(*(row["update"] for row in moved)) / hypot(*(row["weight"] for row in moved))
    most = max(moved, key=lambda row: row["update"] / row["weight"])
    # With a schedule, the stage reports the rate it used; otherwise it is the live value.
    scheduled = (value for name, value in stage.values.items() if name.endswith("learning_rate"))
    rate = next(scheduled, live.get(f"{stage.node}.learning_rate"))
    by = facts.kinds.get(stage.node, facts.title(stage.node))
    at = f", at a learning rate of {number(rate)}," if rate is not None else ""
    return (
        f"{by}{at} updated the weights of the {_learning(stage)} by {_percent(share)} of their norm. {most['name']} "
        f"changed most, by {_percent(most['update'] / most['weight'])} of its norm."
    )


WORDS = Words(
    headings={
        "draw real images": "Draw real images",
        "loss": "Loss",
        "gradients": "Gradients",
        "update": "Weight update",
    },
    describers={
        "draw real images": draw_real,
        "augment real images": augment_real,
        "loss": loss,
        "gradients": gradients,
        "update": update,
    },
    images={"draw real images": "real", "augment real images": "real"},
    whys={
        "draw real images": Why(
            "A step uses a small random batch instead of all images, because its gradient points the same way on "
            "average and costs far less. Larger batches make the gradient less noisy, with diminishing returns.",
            "Bottou, Curtis & Nocedal 2018, Optimization Methods for Large-Scale Machine Learning",
            "https://arxiv.org/abs/1606.04838",
        ),
        "augment real images": Why(
            "Random changes that keep the meaning of an image make a small training set act like a larger one. A "
            "generator learns to reproduce them, so they must be ones that its own images may show.",
            "Shorten & Khoshgoftaar 2019, A survey on Image Data Augmentation for Deep Learning",
            "https://doi.org/10.1186/s40537-019-0197-0",
        ),
        "loss": Why(
            "Training needs one number that says how wrong the networks are, because only a single number has a "
            "gradient to follow. What it rewards is what the networks learn, whether or not it is what you want.",
            "Goodfellow, Bengio & Courville 2016, Deep Learning, chapter 8",
            "https://www.deeplearningbook.org/contents/optimization.html",
        ),
        "gradients": Why(
            "Backpropagation finds how the loss changes with every single weight, in one pass back through the "
            "network. Layers whose gradients vanish or explode stop learning or break, before the samples show it.",
            "Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors",
            "https://doi.org/10.1038/323533a0",
        ),
        "update": Why(
            "The optimizer moves each weight a little against its gradient; Adam scales the move by the gradient's "
            "recent size, weight by weight. Moves that are large beside the weights make training unstable, and tiny "
            "ones waste time.",
            "Kingma & Ba 2015, Adam: A Method for Stochastic Optimization",
            "https://arxiv.org/abs/1412.6980",
        ),
    },
)


def describe_unknown_stage(stage: FinishedStage, facts: StageFacts) -> str:
    """The description of a stage without a describer: its name, node and numbers."""
    done = f"{facts.title(stage.node)} finished its stage “{stage.name}” in the {stage.update}'s update."
    made = _listed([f"{name} {number(value)}" for name, value in stage.values.items()])
    return f"{done} Values: {made}." if made else done


def describe_loss(stage: FinishedStage, facts: StageFacts, terms: Mapping[str, str], more: str = "") -> str:
    """Describe a loss: its value, its terms, and which network minimises it.

    terms: readable names of its terms, by name. more: additional sentences.
    """
    name, found = loss_terms(stage)
    if not name:
        return describe_unknown_stage(stage, facts)
    sources = [terms.get(term, term) for term in found]
    parts = [f"{number(value)} from {source}" for value, source in zip(found.values(), sources, strict=True)]
    breakdown = f": {_listed(parts)}." if len(parts) > 1 else f", from {sources[0]}."
    sentence = f"{name} is {number(stage.values[name])}{breakdown}"
    return " ".join(filter(None, (sentence, more, f"The {stage.update} is trained to minimise it.")))


def loss_terms(stage: FinishedStage) -> tuple[str, Mapping[str, float]]:
    """The name of the loss that the stage has computed, "" if none, and its terms by name."""
    terms = {name: value for name, value in stage.values.items() if ": " in name}
    found = next((name.partition(": ")[0] for name in terms), "")
    named = {name.removeprefix(f"{found}: "): value for name, value in terms.items()}
    return (found, named) if found in stage.values else ("", {})


def penalty_weight(stage: FinishedStage, live: Live) -> float | None:
    """The live weight of the penalty that the stage has computed, None if it has none."""
    return live.get(f"{stage.node}.penalty_weight")


def spread(stage: FinishedStage) -> str:
    """Statistics of the stage's vectors, such as "the first 2 have a mean of 1.00 and a standard deviation of 1.41"; ""
    if it has none."""
    values = np.array(stage.latents)
    if not values.size:
        return ""
    return f"the first {len(values)} have a mean of {values.mean():.2f} and a standard deviation of {values.std():.2f}"


def _learning(stage: FinishedStage) -> str:
    """The networks that the stage trains, as words."""
    return " and the ".join(stage.roles) or stage.update


def _percent(share: float) -> str:
    return f"{number(100 * share)} %"


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
