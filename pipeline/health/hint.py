"""Hints: what the curves show, the numbers behind it, what it means and what to do, in two sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline.health.history import History
from pipeline.why import Why

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
    to change, most useful first. brief: the finding in a few words for a single line, such as "diversity is low"; ""
    for the words of the code. why: why it matters, with a source. since: the first step that the evidence is from, so
    that going back to before it can help; None if it cannot.
    """

    code: str
    severity: Severity
    evidence: Mapping[str, float]
    text: str
    remedy: str
    suggestions: tuple[Suggestion, ...] = ()
    brief: str = ""
    why: Why | None = None
    since: int | None = None

    @property
    def headline(self) -> str:
        """The finding in a few words."""
        return self.brief or self.code.replace("-", " ")


Rule = Callable[[History], Hint | None]
"""A function from a history to a hint, or None if there is nothing to report. Pure and deterministic."""
