"""What an image is asked to be: nothing, or of a class. One idea for all families. Torch-free.

A `Condition` is what somebody asks for; a `ConditionKind` is what a run can be asked for. Later ones (a prompt, a
damaged image) are further classes of both.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.errors.machine import UnusableValue


class Condition:
    """What an image is asked to be; this one asks for nothing."""


@dataclass(frozen=True)
class OfClass(Condition):
    """An image of this class. label: from 0."""

    label: int


NOTHING = Condition()
"""Asks for nothing: a sampler that knows classes then takes each in turn, by the images' numbers."""


def of_class(label: int | None) -> Condition:
    """What an image is asked to be by the label of a class, None for none."""
    return NOTHING if label is None else OfClass(label)


class ConditionKind(ABC):
    """Something that a run can be asked for."""

    @abstractmethod
    def refusal(self, condition: Condition) -> str | None:
        """Why this cannot be asked for, in a sentence; "" where it can; None where it is of another kind."""


@dataclass(frozen=True)
class Classes(ConditionKind):
    """Images of a class. names: in the order of the labels."""

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.names, tuple):
            raise TypeError(f"Classes are given by their names, as a tuple, not by {self.names!r}.")

    def refusal(self, condition: Condition) -> str | None:
        if not isinstance(condition, OfClass):
            return None
        if 0 <= condition.label < len(self.names):
            return ""
        return f"There is no class {condition.label}: choose one from 0 to {len(self.names) - 1}."


def require(condition: Condition, kinds: Iterable[ConditionKind]) -> None:
    """Raises UnusableValue where a run that can be asked for these kinds cannot be asked for that."""
    if condition is NOTHING:
        return
    refusals = [refusal for kind in kinds if (refusal := kind.refusal(condition)) is not None]
    if "" in refusals:
        return
    what = "a class" if isinstance(condition, OfClass) else "that"
    raise UnusableValue(next(iter(refusals), f"This run's images are not conditional: it cannot be asked for {what}."))
