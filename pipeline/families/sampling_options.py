"""Options of a sampler that may differ from the run's when images are drawn, such as its number of steps. Torch-free.

A run's options are in its TrainingPort, with the run's own settings as defaults. Pages draw a field for each, and the
command `sample` has an option of the same name.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite

from pipeline.errors.base import nearest
from pipeline.errors.machine import UnusableValue
from pipeline.formatting import listed, plain, shortened

Setting = int | float | str

NAME = re.compile(r"[a-z]{2,30}")
"""A word, since it is an option of the command line and a key in a picture's metadata."""
RESERVED = frozenset(
    {"class", "count", "device", "help", "json", "out", "reconstruct", "run", "seed", "size", "step", "version"}
    | {"weights"}
)
"""Names with another meaning there."""


@dataclass(frozen=True)
class SamplingOption:
    """One option: a whole number, another number, or one of several words, according to its default."""

    name: str
    """Unique in a run; the option of the command line is --NAME."""
    label: str
    """The title of its field."""
    meaning: str
    """Help, in a sentence or two."""
    default: Setting
    """The run's own setting."""
    low: float = 0
    high: float = 0
    """Bounds of a number, both included."""
    choices: tuple[str, ...] = ()
    """Of a word, all that it may be; () for numbers."""
    click: float = 1
    """How much one click changes a number."""

    @property
    def range(self) -> str:
        """What it may be, as the end of a sentence: "choose a whole number from 1 to 1,000"."""
        if self.choices:
            return f"choose {', '.join(self.choices[:-1])} or {self.choices[-1]}"
        kind = "a whole number" if isinstance(self.default, int) else "a number"
        return f"choose {kind} from {plain(self.low)} to {plain(self.high)}"

    def refusal(self, value: object) -> str:
        """Why it cannot have this value, as a sentence; "" if it can."""
        if self.choices:
            if value in self.choices:
                return ""
            wanted = shortened(str(value), 40)
            return f"There is no {self.name} {wanted!r}{nearest(wanted, self.choices)} {_sentence(self.range)}"
        kinds = (int,) if isinstance(self.default, int) else (int, float)
        fits = isinstance(value, kinds) and not isinstance(value, bool) and isfinite(value)
        if fits and isinstance(value, int | float) and self.low <= value <= self.high:
            return ""
        shown = plain(value) if isinstance(value, float) else shortened(f"{value:,}" if fits else str(value), 30)
        return f"{self.label} cannot be {shown}: {self.range}."

    def read(self, text: str) -> Setting:
        """The value that a user has typed. Raises UnusableValue."""
        value: Setting = text.strip()
        if not self.choices:
            with suppress(ValueError):
                value = int(text) if isinstance(self.default, int) else float(text)
        if refusal := self.refusal(value):
            raise UnusableValue(refusal)
        return value


def require_options(values: Mapping[str, object], options: Sequence[SamplingOption]) -> None:
    """Raise UnusableValue if a run with these options cannot be drawn from with these values, by option name."""
    known = {option.name: option for option in options}
    for name, value in values.items():
        option = known.get(name)
        if option is None:
            has = f"the options of its sampler are {listed(known)}." if known else "its sampler has no options."
            raise UnusableValue(f"This run's images cannot be drawn with another {shortened(name)}: {has}")
        if refusal := option.refusal(value):
            raise UnusableValue(refusal)


def options_fault(options: object) -> str:
    """Why these cannot be the options of a family, as the end of a sentence; "" if they can."""
    if not isinstance(options, tuple) or not all(isinstance(each, SamplingOption) for each in options):
        return "its options are not a tuple of SamplingOption"
    names = [each.name for each in options]
    for each in options:
        if not isinstance(each.name, str) or not NAME.fullmatch(each.name) or each.name in RESERVED:
            return f"{each.name!r} cannot be the name of its option: choose another word in small letters"
        if names.count(each.name) > 1:
            return f"its option {each.name!r} is declared twice"
        if each.refusal(each.default):
            return f"the default of its option {each.name!r} is not a value that it allows"
    return ""


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
