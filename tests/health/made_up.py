"""Synthetic curves of a run, healthy except for the changes of a test, and the hints about them."""

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
    """A history whose series are constant with noise, except for `changes`.

    usual: series of updates, with ±10 % noise; usual_checkup: series of checkups, with ±2 % noise. A change that is a
    number applies to every step; a sequence has one value for each of the last checkups (checkup series) or steps
    (other series); None removes the series. A change of a new series adds it to those of updates.
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
    """A noisy value that changes at each multiple of `every`; NaN before the first."""
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
    """The only hint; assert that it has this code and that its text has each number of its evidence."""
    (hint,) = hints(history, rules)
    assert hint.code == code
    for value in hint.evidence.values():
        assert number(value) in hint.text or f"{value:,.0f}" in hint.text
    for sentence in (hint.text, hint.remedy):
        assert sentence[0].isupper() and sentence.endswith(".") and ". " not in sentence
    return hint
