"""Conditions of conditional sampling, the same for all families: none, or a class. Torch-free.

A `Condition` is what the user requests; a `ConditionKind` is what a run supports. Other conditions (a prompt, a damaged
image) would be further subclasses of both.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.errors.machine import UnusableValue


class Condition:
    """What a generated image should show. This base class requests nothing."""


@dataclass(frozen=True)
class ClassCondition(Condition):
    """Request an image of this class. label: class label, from 0."""

    label: int


UNCONDITIONAL = Condition()
"""No condition: a class-conditional sampler then cycles through the classes by image number."""


def of_class(label: int | None) -> Condition:
    """The condition for this class label; NOTHING for None."""
    return UNCONDITIONAL if label is None else ClassCondition(label)


class ConditionKind(ABC):
    """A kind of condition that a run supports."""

    @abstractmethod
    def refusal(self, condition: Condition) -> str | None:
        """Why this condition is refused, as a sentence; "" if it is supported; None if it is of another kind."""


@dataclass(frozen=True)
class Classes(ConditionKind):
    """Class conditions. names: class names in label order."""

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.names, tuple):
            raise TypeError(f"Classes takes a tuple of class names, not {self.names!r}.")

    def refusal(self, condition: Condition) -> str | None:
        if not isinstance(condition, ClassCondition):
            return None
        if 0 <= condition.label < len(self.names):
            return ""
        return f"There is no class {condition.label}: choose one from 0 to {len(self.names) - 1}."


def require(condition: Condition, kinds: Iterable[ConditionKind]) -> None:
    """Raise UnusableValue if a run that supports these kinds does not support this condition."""
    if condition is UNCONDITIONAL:
        return
    refusals = [refusal for kind in kinds if (refusal := kind.refusal(condition)) is not None]
    if "" in refusals:
        return
    what = "a class" if isinstance(condition, ClassCondition) else "a condition"
    raise UnusableValue(next(iter(refusals), f"This run's model is not conditional: it cannot be asked for {what}."))
