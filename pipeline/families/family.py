"""What a family of models declares of itself, torch-free, so that no page, chart, hint or command has to name it.

    DENOISER = Role("denoiser", "purple", side="right")
    DENOISING = FAMILIES.register(Family("denoising", "Denoiser", roles=(DENOISER,), updates=(UpdateKind("denoiser"),)))

The registry is strict: a declaration that contradicts itself, or another family, is refused where it is made.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from pipeline.colours import Colour
from pipeline.errors.workflow import MisdeclaredFamily
from pipeline.families.words import Words
from pipeline.graph.category import COMMON, NodeCategory
from pipeline.health.default import default_rules
from pipeline.health.hint import Rule
from pipeline.runs.series import Series, fault_of, names_of

Side = Literal["left", "middle", "right"]
COLUMNS: Mapping[Side, int] = {"left": -1, "middle": 0, "right": 1}
NETWORK_ROW = 1


@dataclass(frozen=True)
class Role:
    """What a network does in a family, such as "generator".

    colour, side: of its box in the picture of a workflow. reads_images: whether images go into it by themselves;
    otherwise what a sample is made of does. gradient: name of the series of its gradient's norm, "" where none is
    recorded; networks that are moved together may share one.
    """

    name: str
    colour: Colour
    side: Side = "right"
    reads_images: bool = False
    gradient: str = ""

    @property
    def category(self) -> NodeCategory:
        """Nodes that give out such a network are of the category of the role's name."""
        return NodeCategory(self.name, NETWORK_ROW, COLUMNS[self.side], self.colour)


@dataclass(frozen=True)
class UpdateKind:
    """One update of a step: its name as people see it, and the counter of it in a run's state."""

    name: str
    counter: str = "updates"


@dataclass(frozen=True)
class Family:
    """A family of models, as everything but its own folder and its nodes knows it.

    name: unique. title: as people say it, "Adversarial game". roles: of its networks, those that read images first.
    updates: of a step, in order. series: all that any run of it may record beside what its nodes add; what one run
    records is said by its training node. words: of its stages. rules: hints from a run's history, the one to be said
    first among equally severe ones first; None for the rules that fit any family. example, watch: a condition that
    makes sense in every run of it, and an expression that is worth a chart, for forms that ask for one. caution: what
    to know of images that are drawn from random noise where its grids show something else.
    """

    name: str
    title: str
    roles: tuple[Role, ...]
    updates: tuple[UpdateKind, ...]
    series: tuple[Series, ...] = ()
    words: Words = field(default_factory=Words)
    rules: tuple[Rule, ...] | None = None
    example: str = ""
    watch: str = ""
    caution: str = ""

    @property
    def health_rules(self) -> tuple[Rule, ...]:
        """The rules that its runs are judged by: its own, or else those that fit any family."""
        if self.rules is not None:
            return self.rules
        norms: dict[str, list[str]] = {}
        for role in self.roles:
            if role.gradient:
                norms.setdefault(role.gradient, []).append(role.name)
        return default_rules([role.name for role in self.roles], norms)

    def role(self, name: str) -> Role | None:
        """The role of this name, None where it has none."""
        return next((role for role in self.roles if role.name == name), None)


class Families:
    """All families, by name."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}
        self._categories: dict[str, NodeCategory] = dict(COMMON)

    def register(self, family: Family) -> Family:
        """Take a family and its roles. Raises MisdeclaredFamily where something is missing or contradictory."""
        for fault in self._faults(family):
            raise MisdeclaredFamily(family.name, fault)
        self._families[family.name] = family
        self._categories |= {role.name: role.category for role in family.roles}
        return family

    @property
    def categories(self) -> Mapping[str, NodeCategory]:
        """Every category that a node may have, by name; families that come later are in it too."""
        return self._categories

    @property
    def series(self) -> Mapping[str, Series]:
        """Every series that any family declares, by name; of several of one name that of the first family."""
        return {each.name: each for family in reversed(tuple(self)) for each in family.series}

    def __iter__(self) -> Iterator[Family]:
        return iter(self._families.values())

    def get(self, name: str) -> Family | None:
        """The family of this name, or None."""
        return self._families.get(name)

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """Families that are registered inside stay only where nothing is raised inside."""
        families, categories = dict(self._families), dict(self._categories)
        try:
            yield
        except BaseException:
            self._families = families
            # In its place: whoever was given the categories looks into this very mapping.
            self._categories.clear()
            self._categories |= categories
            raise

    def _faults(self, family: Family) -> Iterator[str]:
        if not family.name or family.name in self._families:
            yield "another family has this name" if family.name else "it has no name"
        if not family.roles or not family.updates:
            yield "it needs at least one role and one update"
        for what, names in (
            ("role", [role.name for role in family.roles]),
            ("update", [update.name for update in family.updates]),
            ("counter", [update.counter for update in family.updates]),
        ):
            for name in names:
                if not name or names.count(name) > 1:
                    yield f"its {what} {name!r} is declared twice" if name else f"one {what} has no name"
        for role in family.roles:
            if self._categories.get(role.name, role.category) != role.category:
                yield f"its role {role.name!r} is known already, with another colour or place"
            if role.gradient and role.gradient not in names_of(family.series):
                yield f"the gradient of its role {role.name!r} is {role.gradient!r}, which is none of its series"
        if not all(map(callable, family.rules or ())):
            yield "one of its rules is no function"
        if fault := fault_of(family.series):
            yield fault[:1].lower() + fault[1:].removesuffix(".")


FAMILIES = Families()
