"""Hints: what the curves show, the numbers behind it, what it means and what to do, in two sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline.health.history import History

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
"""Most severe first."""


@dataclass(frozen=True)
class Suggestion:
    """A parameter that the remedy suggests changing. A run may lack it.

    role: the role of the node's network in its family; "<role> optimizer" for the optimizer of that network; for other
    nodes their category ("real", "noise", "objective", "training").
    """

    role: str
    parameter: str


@dataclass(frozen=True)
class Hint:
    """Something that a run's curves show.

    code: name of the kind of hint. evidence: the numbers behind it, by metric; each of them is in `text` or `remedy`.
    text: what was seen and what it means, one sentence. remedy: what to do, one sentence. suggestions: the parameters
    to change, most useful first.
    """

    code: str
    severity: Severity
    evidence: Mapping[str, float]
    text: str
    remedy: str
    suggestions: tuple[Suggestion, ...] = ()


Rule = Callable[[History], Hint | None]
"""A function from a history to a hint, or None if there is nothing to report. Pure and deterministic."""
