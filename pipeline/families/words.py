"""Types for the texts that describe a family's stages.

A `Describer` is a function that describes in a few sentences what a stage has just done. Each family defines its stages
(the names of its operations) and the symbols of their formulas.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pipeline.why import Why

ScoreScale = Literal["probability", "critic"]
"""The scale of scores: the probability of "real", or an unbounded number without a unit."""


class FinishedStage(Protocol):
    """A finished stage, as the debugger reports it (`runtime.messages.snapshot.StageSnapshot`).

    update, name, node: identify the stage. values: its numbers by name. scores: scores of the images, on the displayed
    scale. latents: the vectors that images are made from, as rows. roles: roles of the networks whose gradients it
    computed or whose weights it updated. parameters: their tensors, as rows of name, shape, weight, gradient and update
    (L2 norms, None if unknown).
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
    """Facts of a run that its descriptions use.

    batch: images in a batch. scores: the scale of scores, None if there are none. titles, kinds: each node's title and
    the title of its type, by node id.
    """

    batch: int
    scores: ScoreScale | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    def title(self, node: str) -> str:
        return self.titles.get(node, node)


Live = Mapping[str, float]
"""The values of live parameters by "node.parameter"."""

Describer = Callable[[FinishedStage, StageFacts, Live], str]


def no_symbols(formula: str, facts: StageFacts) -> str:
    """The default for families without formulas."""
    return ""


@dataclass(frozen=True)
class Words:
    """The texts with which a family describes its stages. Mappings are by stage name, except `terms`."""

    headings: Mapping[str, str] = field(default_factory=dict)
    """The title of a stage."""
    describers: Mapping[str, Describer] = field(default_factory=dict)
    """What a stage has done, in sentences. Stages without a describer are described by their numbers."""
    images: Mapping[str, str] = field(default_factory=dict)
    """The kind of images that a stage made or scored, such as "real"; the default is "generated"."""
    vectors: Mapping[str, str] = field(default_factory=dict)
    """The title of the vectors that a stage made."""
    terms: Mapping[str, str] = field(default_factory=dict)
    """Readable names for the terms of a loss, by the term's name."""
    formula: Callable[[str, StageFacts], str] = no_symbols
    """(formula in LaTeX, facts) -> the meaning of its symbols as Markdown, "" if there is nothing to explain."""
    whys: Mapping[str, Why] = field(default_factory=dict)
    """Why a step has this stage."""


def words_fault(words: object) -> str:
    """Why pages cannot use these words, as the end of a sentence; "" if they can."""
    if not isinstance(words, Words):
        return "its words are not an instance of Words"
    for what in ("headings", "describers", "images", "vectors", "terms", "whys"):
        texts = getattr(words, what)
        if not isinstance(texts, Mapping):
            return f"the {what} of its words are not a mapping from names"
        kind = {"describers": "function", "whys": "Why"}.get(what, "string")
        for name, each in texts.items():
            fits = callable(each) if what == "describers" else isinstance(each, Why if what == "whys" else str)
            if not fits:
                return f"{name!r} among the {what} of its words is not a {kind}"
    return "" if callable(words.formula) else "the formula of its words is not a function"
