"""Curves of a run made up for a test, usual but for what the test is about; and what is said of them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from pipeline.formatting import number
from pipeline.health.hint import Hint, Rule
from pipeline.health.history import History
from pipeline.health.rules import hints

STEPS = 1000
EVERY = 50


def made_up(
    usual: Mapping[str, float],
    usual_checkup: Mapping[str, float],
    steps: int = STEPS,
    first: int = 1,
    scores: str = "critic",
    every: int = EVERY,
    **changes: Any,
) -> History:
    """A history of which every series has a tenth of noise where it is usual, but for `changes`.

    usual: what updates make; usual_checkup: what checkups measure. A number stands at every step; a sequence of a
    checkup series has one value for each of the last checkups, any other one for each of the last steps; None leaves
    the series out. A series that is not among the usual ones is made by updates.
    """
    random = np.random.default_rng(0)
    series = {name: value * random.uniform(0.9, 1.1, steps) for name, value in usual.items()}
    series |= {name: _carried(value, first, steps, every, random) for name, value in usual_checkup.items()}
    for name, change in changes.items():
        if change is None:
            del series[name]
        elif name in usual_checkup and np.ndim(change):
            series[name] = _stretched(np.asarray(change, float), first, steps, every)
        else:
            values = np.broadcast_to(np.asarray(change, float), (steps,)) if not np.ndim(change) else change
            series[name] = np.concatenate([series[name], values])[-steps:] if name in series else values
    trained = tuple(name for name in series if name not in usual_checkup)
    return History(np.arange(first, first + steps), series, scores, tuple(usual_checkup), trained)


def _carried(usual: float, first: int, steps: int, every: int, random: np.random.Generator) -> np.ndarray:
    """A value for every step since the last multiple of `every`; NaN before the first."""
    checkup = np.arange(first, first + steps) // every
    values = usual * random.uniform(0.98, 1.02, checkup[-1] + 1)
    return np.where(checkup > 0, values[checkup], np.nan)


def _stretched(values: np.ndarray, first: int, steps: int, every: int) -> np.ndarray:
    checkup = np.arange(first, first + steps) // every
    place = len(values) - 1 - (checkup[-1] - checkup)
    return np.where((checkup > 0) & (place >= 0), values[np.maximum(place, 0)], np.nan)


def codes_of(history: History, rules: Iterable[Rule]) -> list[str]:
    return [hint.code for hint in hints(history, rules)]


def only_hint(history: History, rules: Iterable[Rule], code: str) -> Hint:
    """Its one hint, which has this code and says each number of its evidence in two sentences."""
    (hint,) = hints(history, rules)
    assert hint.code == code
    for value in hint.evidence.values():
        assert number(value) in hint.text or f"{value:,.0f}" in hint.text
    for sentence in (hint.text, hint.remedy):
        assert sentence[0].isupper() and sentence.endswith(".") and ". " not in sentence
    return hint
