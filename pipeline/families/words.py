"""The words of a family's stages: what the types of them are, and what they go by.

A `Teller` is a function that says in a sentence or a few what a stage has just done. Which stages there are is the
family's affair (the names of its operations), and so is what the letters of their formulas stand for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

ScoreScale = Literal["probability", "critic"]
"""What scores of images are: the probability of "real", or numbers without bounds or unit."""


class StageDone(Protocol):
    """A stage that has just been done, as the debugger tells of it (`runtime.messages.StageSeen`).

    update, name, node: which it was. values: its numbers by name. scores: of the images, as they are shown. latents:
    rows of what images are made of. roles: of the networks whose gradients it worked out or whose weights it moved.
    parameters: of these, rows of name, shape, weight, gradient and update (L2 norms, None where not known).
    """

    @property
    def update(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def node(self) -> str: ...
    @property
    def values(self) -> Mapping[str, float]: ...
    @property
    def scores(self) -> Sequence[float]: ...
    @property
    def latents(self) -> Sequence[Sequence[float]]: ...
    @property
    def roles(self) -> Sequence[str]: ...
    @property
    def parameters(self) -> Sequence[Mapping[str, Any]]: ...


@dataclass(frozen=True)
class StageFacts:
    """What words need to know of a run. batch: images in a batch. scores: what scores are, None where there are none.

    titles, kinds: by node id, the node's title and that of its type.
    """

    batch: int
    scores: ScoreScale | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    def title(self, node: str) -> str:
        return self.titles.get(node, node)


Live = Mapping[str, float]
"""Live parameters by "node.parameter"."""

Teller = Callable[[StageDone, StageFacts, Live], str]


def no_letters(formula: str, facts: StageFacts) -> str:
    """Where a family has no formulas."""
    return ""


@dataclass(frozen=True)
class Words:
    """The words of a family. All by the name of a stage, unless something else is said.

    headings: a stage's title. tellers: what it has done, in sentences; a stage that is not here is told of by its
    numbers. images: what the images are that it has made or scored, "real" or as the family calls them; else they are
    "generated". vectors: what the vectors are that it has made, as a title. terms: terms of a loss, by name, as people
    say them. formula: (formula in LaTeX, facts) -> what its letters stand for, as Markdown; "" for nothing to say.
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    tellers: Mapping[str, Teller] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    vectors: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    formula: Callable[[str, StageFacts], str] = no_letters
