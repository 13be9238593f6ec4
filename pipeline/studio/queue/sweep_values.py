"""The values of a parameter that a sweep varies, as users write them.

NODE.PARAMETER=0.001,0.0002           a list
NODE.PARAMETER=128,128|256,256        a list of values that contain commas
NODE.PARAMETER=1e-4..1e-2:log         a range to draw from, here uniformly in the logarithm
"""

import math
import re
from dataclasses import dataclass
from random import Random

from pipeline.errors.queue import MalformedSweep
from pipeline.formatting import plain
from pipeline.graph import edit
from pipeline.graph.form import Parameter, parameters
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES

MOST_VALUES = 1000
"""Maximum number of values of a list."""
DIGITS = 4
"""Significant digits of a drawn number, so that the names of runs can show it exactly."""
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?")
_LONGEST_NUMBER = 30


@dataclass(frozen=True)
class Values:
    """A list of values. key: "node.parameter". texts: the values as `NODE.PARAMETER=VALUE` takes them."""

    key: str
    texts: tuple[str, ...]

    def draw(self, random: Random) -> str:
        """One of them; each is equally likely."""
        return self.texts[int(random.random() * len(self.texts))]


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included. log: uniform in the logarithm, for which `low` is above 0. whole:
    whole numbers only."""

    key: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    def draw(self, random: Random) -> str:
        """A number of the range: exactly uniform if whole, otherwise rounded to DIGITS significant digits."""
        share = random.random()
        # A whole number n stands for n to n + 1, so that both ends are as likely as the others.
        low, high = self.low, self.high + 1 if self.whole else self.high
        if self.log:
            found = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        else:
            found = low + share * (high - low)
        if self.whole:
            return str(int(min(math.floor(found), self.high)))
        return repr(min(max(float(f"{found:.{DIGITS}g}"), self.low), self.high))


Axis = Values | Range


def read_grid(workflow: Workflow, option: str) -> Values:
    """Read `NODE.PARAMETER=a,b,c`. Raises MalformedSweep, UnreadableSetting, UnknownNode, UnknownParameter."""
    key, text, _ = _parts(workflow, option)
    return Values(key, _listed(option, text))


def read_random(workflow: Workflow, option: str) -> Axis:
    """Read `NODE.PARAMETER=LOW..HIGH`, with `:log` or not, or a list to choose from. Raises as `read_grid` does."""
    key, text, parameter = _parts(workflow, option)
    if parameter is None or parameter.kind not in ("int", "float") or ".." not in text:
        return Values(key, _listed(option, text))
    bounds, colon, way = text.partition(":")
    if colon and way.strip() != "log":
        raise MalformedSweep(option, f"{way.strip()[:20]!r} after the colon is not 'log'", "Write LOW..HIGH:log.")
    low_text, _, high_text = bounds.partition("..")
    low, high = (_number(option, each.strip()) for each in (low_text, high_text))
    if not low < high:
        raise MalformedSweep(option, "the first number is not below the second", "Write the smaller one first.")
    if colon and low <= 0:
        raise MalformedSweep(option, "a range with :log begins above 0", "Leave out :log, or raise its beginning.")
    if parameter.kind == "int" and not (low.is_integer() and high.is_integer()):
        raise MalformedSweep(option, f"{parameter.label} is a whole number", "Write whole numbers, such as 16..128.")
    _require_inside(option, parameter, low, high)
    return Range(key, low, high, bool(colon), parameter.kind == "int")


def _parts(workflow: Workflow, option: str) -> tuple[str, str, Parameter | None]:
    """The key, the text of the values, and the parameter; None for a bypass, which is no parameter."""
    key, _, text = option.partition("=")
    # Raises what is wrong with the key; of the values, only the first is tried.
    edit.apply_settings(workflow, [f"{option.partition('=')[0]}=true" if _bypasses(key) else option], NODES)
    node_id, _, name = key.strip().rpartition(".")
    node_class = NODES[workflow.nodes[node_id].class_type]
    found = [each for each in parameters(node_class) if each.name == name]
    return key.strip(), text.strip(), found[0] if found else None


def _bypasses(key: str) -> bool:
    return key.strip().rpartition(".")[2] == "bypass"


def _listed(option: str, text: str) -> tuple[str, ...]:
    values = tuple(each.strip() for each in text.split("|" if "|" in text else ","))
    if not all(values):
        raise MalformedSweep(option, "a value is missing", "Write NODE.PARAMETER=a,b,c with a value between commas.")
    if len(values) > MOST_VALUES:
        reason = f"it lists {len(values):,} values; the most are {MOST_VALUES:,}"
        raise MalformedSweep(option, reason, "Leave some out, or draw from a range.")
    return values


def _number(option: str, text: str) -> float:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text) or not math.isfinite(found := float(text)):
        raise MalformedSweep(option, f"{text[:20]!r} is not a number", "Write LOW..HIGH, such as 1e-4..1e-2:log.")
    return found


def _require_inside(option: str, parameter: Parameter, low: float, high: float) -> None:
    least = -math.inf if parameter.minimum is None else parameter.minimum
    most = math.inf if parameter.maximum is None else parameter.maximum
    if not least <= low <= high <= most:
        reason = f"{parameter.label} may be from {plain(least)} to {plain(most)}"
        raise MalformedSweep(option, reason, "Draw from a range inside of that.")
