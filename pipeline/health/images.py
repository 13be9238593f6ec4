"""The rule that repeats what was warned of when a run's images were read, for any family."""

from pipeline.health.hint import Hint, Suggestion
from pipeline.health.history import History
from pipeline.why import Why

WHY = Why(
    "A model learns its images as they are, with every mistake in them, and no curve shows it. Faults in data are "
    "usually found late, after they have spoilt everything that was built on them.",
    "Sambasivan et al. 2021",
    "https://doi.org/10.1145/3411764.3445518",
)


def data_warnings(history: History) -> Hint | None:
    """The run's images were read with warnings."""
    warnings = history.facts.data_warnings
    if not warnings:
        return None
    many = len(warnings) > 1
    first = "; ".join(part.strip() for part in warnings[0].rstrip(".").split(". "))
    return Hint(
        code="data-warnings",
        severity="info",
        evidence={"warnings": len(warnings)},
        text=f"Reading the run's images gave {len(warnings)} warning{'s, the first' if many else ''}: {first}.",
        remedy="See all of it on the Data page, mend the files or the settings of the data node, and start again.",
        suggestions=(Suggestion("real", "path"), Suggestion("real", "dataset")),
        brief=f"{len(warnings)} warning{'s' if many else ''} about the images",
        why=WHY,
    )
