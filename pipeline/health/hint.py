"""What a hint is: what was seen, by which numbers, what it means and what to do, in two plain sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
"""The most severe first."""

Role = Literal[
    "data", "noise", "generator", "discriminator", "encoder", "decoder", "objective",
    "generator optimizer", "discriminator optimizer", "encoder optimizer", "decoder optimizer", "training",
]  # fmt: skip
"""What a node does in a run, whatever its id and its kind are."""


@dataclass(frozen=True)
class Lever:
    """A parameter that the remedy may turn: its name, and what the node that has it does. Not every run has each."""

    role: Role
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
