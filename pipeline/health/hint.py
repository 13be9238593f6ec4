"""What a hint is: what was seen, by which numbers, what it means and what to do, in two plain sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline.health.history import History

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
"""The most severe first."""


@dataclass(frozen=True)
class Lever:
    """A parameter that the remedy may turn: its name, and what the node that has it does. Not every run has each.

    role: of the node's network, as its family calls it; "<role> optimizer" of the node that moves that network; of
    other nodes their category ("real", "noise", "objective", "training").
    """

    role: str
    parameter: str


@dataclass(frozen=True)
class Hint:
    """Something that a run's curves show.

    code: names the rule. evidence: the numbers that led to it, by metric; each of them stands in `text` or `remedy`.
    text: what was seen and what it means, one sentence. remedy: what to do, one sentence. levers: the parameters it
    speaks of, the most useful first.
    """

    code: str
    severity: Severity
    evidence: Mapping[str, float]
    text: str
    remedy: str
    levers: tuple[Lever, ...] = ()


Rule = Callable[[History], Hint | None]
"""A function from a history to a hint, None where there is nothing to say. Pure: the same history, the same hint."""
