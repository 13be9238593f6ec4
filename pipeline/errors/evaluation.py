"""Errors about evaluations of stored runs."""

from pipeline.errors.base import Refusal


class NothingHeldOut(Refusal):
    """A set without held-out images, with which generated ones could be compared. data: its name. own: whether it is
    the run's own."""

    def __init__(self, run: str, data: str, *, own: bool) -> None:
        what = f"Run {run} holds out no images" if own else f"The set {data[:80]!r} holds out no images"
        super().__init__(
            f"{what}, and images that training has seen cannot show how good it is. Evaluate it on another set with "
            "the same kind of images, or fork the run with a share of its images held out."
        )


class UnfitSet(Refusal):
    """A set whose images cannot be compared with those of a run. reason: why, as a clause."""

    def __init__(self, data: str, reason: str) -> None:
        super().__init__(f"The images of {data[:80]!r} cannot be compared with those of this run: {reason}.")


class UnknownMetrics(Refusal):
    """Names that are no metrics."""

    def __init__(self, names: list[str], known: list[str]) -> None:
        super().__init__(
            f"There {'is no metric' if len(names) == 1 else 'are no metrics'} "
            f"{', '.join(repr(each[:40]) for each in names)}. Choose from {', '.join(known)}."
        )


class EvaluationUnderWay(Refusal):
    """A run that is being evaluated already."""

    def __init__(self, run: str) -> None:
        super().__init__(f"Run {run} is being evaluated already. Wait until it has ended, or stop it.")


class DifferentWays(Refusal):
    """Evaluations that were not measured in the same way. facts: in what they differ, in words."""

    def __init__(self, facts: list[str]) -> None:
        differ = f"{' and '.join(facts)} differ{'s' if len(facts) == 1 else ''}"
        super().__init__(f"These evaluations cannot be compared, because {differ}. Evaluate them in the same way.")


class NothingToShow(Refusal):
    """A view of evaluated images that this run, these features or this set cannot fill. The message says why, and what
    to do."""
