"""Conditions of conditional sampling, the same for all families: none, or a class. Torch-free.

A `Condition` is what the user requests; a `ConditionKind` is what a run supports. Other conditions (a prompt, a damaged
image) would be further subclasses of both.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from pipeline.errors.base import nearest
from pipeline.errors.machine import UnusableValue
from pipeline.formatting import shortened, whole

NOT_CONDITIONAL = "This run's model is not conditional: it cannot be asked for {}."
MOST_NAMED = 20
"""Number of class names in a message."""


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


def label_of(text: str, names: Sequence[str]) -> int:
    """The label of the class that a user means: by its name, or else by its number from 0. names: in label order.

    A name wins over a number, so of classes 1, 2 and 3 "2" is the second. Raises UnusableValue.
    """
    wanted = normalize("NFC", text.strip())
    known = [normalize("NFC", name.strip()) for name in names]
    if wanted in known:
        return known.index(wanted)
    if re.fullmatch(r"[0-9]{1,9}", wanted) and (not names or int(wanted) < len(names)):
        return int(wanted)
    if not names:
        raise UnusableValue(NOT_CONDITIONAL.format("a class"))
    shown = ", ".join(shortened(name) for name in known[:MOST_NAMED]) + (", …" if len(known) > MOST_NAMED else "")
    raise UnusableValue(
        f"There is no class {shortened(wanted)!r}{nearest(wanted, known)} Give a name or a number from 0 to "
        f"{len(names) - 1}: the classes are {shown}."
    )


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
        return f"There is no class {whole(condition.label)}: choose one from 0 to {len(self.names) - 1}."


def require(condition: Condition, kinds: Iterable[ConditionKind]) -> None:
    """Raise UnusableValue if a run that supports these kinds does not support this condition."""
    if condition is UNCONDITIONAL:
        return
    refusals = [refusal for kind in kinds if (refusal := kind.refusal(condition)) is not None]
    if "" in refusals:
        return
    what = "a class" if isinstance(condition, ClassCondition) else "a condition"
    raise UnusableValue(next(iter(refusals), NOT_CONDITIONAL.format(what)))
