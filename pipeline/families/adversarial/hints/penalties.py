"""The rule for a gradient penalty over batch normalization."""

from pipeline.formatting import counted, plain
from pipeline.health.hint import Hint, Suggestion
from pipeline.health.history import History
from pipeline.why import Why

WHY = Why(
    "The penalty is defined for the gradient at each image by itself. Batch normalization makes the score of an image "
    "depend on the others of its batch, so that this gradient no longer exists.",
    "Gulrajani et al. 2017, section 4",
    "https://arxiv.org/abs/1704.00028",
)


def penalised_batch_norm(history: History) -> Hint | None:
    """A gradient penalty applies to a discriminator with batch normalization."""
    found = next((each for each in history.facts.penalised if each.weight > 0), None)
    if found is None:
        return None
    return Hint(
        code="penalised-batch-norm",
        severity="warning",
        evidence={"penalty_weight": found.weight, "batch norm layers": found.layers},
        text=f"{found.penalty}, with a weight of {plain(found.weight)}, is for the gradient at each image by itself, "
        f"but the {counted(found.layers, 'batch normalization')} of {found.network} mix the images of a batch.",
        remedy="Give the discriminator no normalization, or layer or spectral normalization, in a new run.",
        suggestions=(Suggestion("discriminator", "normalization"), Suggestion("objective", "penalty_weight")),
        brief="batch norm under a penalty",
        why=WHY,
    )
