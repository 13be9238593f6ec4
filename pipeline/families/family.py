"""The declaration of a model family, torch-free, so that no page, chart, hint or command has to name a family.

    DENOISER = Role("denoiser", "purple", side="right")
    DENOISING = FAMILIES.register(Family("denoising", "Denoiser", roles=(DENOISER,), updates=(UpdateKind("denoiser"),)))

The registry is strict: it refuses a declaration that contradicts itself or another family.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, get_args

from pipeline.colours import Colour
from pipeline.errors.workflow import MisdeclaredFamily
from pipeline.families.sampling_options import SamplingOption, options_fault
from pipeline.families.sampling_path import SamplingPath, path_fault
from pipeline.families.words import Words, words_fault
from pipeline.graph.category import COMMON, NodeCategory
from pipeline.health.default import default_rules
from pipeline.health.hint import Rule
from pipeline.runs.series import Series, names_of
from pipeline.runs.series_fault import series_fault

Side = Literal["left", "middle", "right"]
COLUMNS: Mapping[Side, int] = {"left": -1, "middle": 0, "right": 1}
NETWORK_ROW = 1
NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9_ -]*[A-Za-z0-9])?")
"""Pattern for names of roles, updates and counters. They appear in sentences, and roles in the names of a checkpoint's
weights."""


@dataclass(frozen=True)
class Role:
    """The role of a network in a family, such as "generator".

    colour, side: colour and place of its box in the picture of a workflow. reads_images: whether its input is images
    alone; otherwise it is the latents of a sample. gradient: name of the series of its gradient norm, "" if none is
    recorded; networks updated together may share one.
    """

    name: str
    colour: Colour
    side: Side = "right"
    reads_images: bool = False
    gradient: str = ""

    @property
    def category(self) -> NodeCategory:
        """The category, named after the role, of the nodes that output such a network."""
        return NodeCategory(self.name, NETWORK_ROW, COLUMNS[self.side], self.colour)


@dataclass(frozen=True)
class UpdateKind:
    """One update of a step: its displayed name, and the name of its counter in a run's state."""

    name: str
    counter: str = "updates"


@dataclass(frozen=True)
class Family:
    """All that the rest of Genscope knows about a model family."""

    name: str
    """Unique."""
    title: str
    """The displayed name, such as "Adversarial game"."""
    roles: tuple[Role, ...]
    """The roles of its networks, those that read images first."""
    updates: tuple[UpdateKind, ...]
    """The updates of a step, in order."""
    series: tuple[Series, ...] = ()
    """All series that its runs may record in addition to those of their nodes. The training node lists those of one
    run."""
    words: Words = field(default_factory=Words)
    """Texts that describe its stages."""
    rules: tuple[Rule, ...] | None = None
    """Rules that give hints from a run's history; of equally severe hints, the one listed first is shown first. None
    for the rules that fit any family."""
    example: str = ""
    """A condition that makes sense in every run, as an example in forms for breakpoints."""
    watch: str = ""
    """An expression worth a chart, as an example in forms for watches."""
    caution: str = ""
    """A remark on images drawn from random noise, for families whose sample grids show something else."""
    options: tuple[SamplingOption, ...] = ()
    """Options of its samplers. The training node lists those of one run, with the run's own settings as defaults."""
    path: SamplingPath | None = None
    """How pages show the way from noise to images; None for families that make images in one pass."""

    @property
    def health_rules(self) -> tuple[Rule, ...]:
        """The rules applied to its runs: its own, or the default rules for any family."""
        if self.rules is not None:
            return self.rules
        norms: dict[str, list[str]] = {}
        for role in self.roles:
            if role.gradient:
                norms.setdefault(role.gradient, []).append(role.name)
        return default_rules([role.name for role in self.roles], norms)

    def role(self, name: str) -> Role | None:
        """The role of this name, None if there is none."""
        return next((role for role in self.roles if role.name == name), None)


class Families:
    """All families, by name."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}
        self._categories: dict[str, NodeCategory] = dict(COMMON)

    def register(self, family: Family) -> Family:
        """Register a family and its roles. Raises MisdeclaredFamily if something is missing or contradictory."""
        for fault in self._faults(family):
            raise MisdeclaredFamily(family.name, fault)
        self._families[family.name] = family
        self._categories |= {role.name: role.category for role in family.roles}
        return family

    @property
    def categories(self) -> Mapping[str, NodeCategory]:
        """Every category that a node may have, by name. A live mapping: later families are added to it."""
        return self._categories

    @property
    def series(self) -> Mapping[str, Series]:
        """Every series declared by any family, by name; if several share a name, that of the first family."""
        return {each.name: each for family in reversed(tuple(self)) for each in family.series}

    @property
    def options(self) -> Mapping[str, SamplingOption]:
        """Every option of a sampler declared by any family, by name; if several share a name, that of the first."""
        return {each.name: each for family in reversed(tuple(self)) for each in family.options}

    def __iter__(self) -> Iterator[Family]:
        return iter(self._families.values())

    def get(self, name: str) -> Family | None:
        """The family of this name, None if there is none."""
        return self._families.get(name)

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """Context in which registrations are undone if an exception is raised."""
        families, categories = dict(self._families), dict(self._categories)
        try:
            yield
        except BaseException:
            self._families = families
            # Restored in place, because others hold a reference to this mapping.
            self._categories.clear()
            self._categories |= categories
            raise

    def _faults(self, family: Family) -> Iterator[str]:
        yield from declaration_faults(family)
        if family.name in self._families:
            yield "another family has this name"
        for role in family.roles:
            if self._categories.get(role.name, role.category) != role.category:
                yield f"its role {role.name!r} already exists with another colour or side"


def declaration_faults(family: Family) -> Iterator[str]:
    """Faults of a declaration considered alone, as ends of a sentence. Fix the first before reading the next: a later
    check may fail on it.

    Types are checked too: no type checker has seen custom code, and a fault should show here, not on a page.
    """
    for what in ("name", "title"):
        if not getattr(family, what) or not isinstance(getattr(family, what), str):
            yield f"it has no {what}"
    for what, kind in (("roles", Role), ("updates", UpdateKind), ("series", Series)):
        value = getattr(family, what)
        if not isinstance(value, tuple) or not all(isinstance(each, kind) for each in value):
            yield f"its {what} are not a tuple of {kind.__name__}"
    if not family.roles or not family.updates:
        yield "it needs at least one role and one update"
    for what, names in (
        ("role", [role.name for role in family.roles]),
        ("update", [update.name for update in family.updates]),
        ("counter", [update.counter for update in family.updates]),
    ):
        for name in names:
            if not isinstance(name, str) or not NAME.fullmatch(name):
                yield f"{name!r} cannot be the name of its {what}: use letters, digits, spaces, hyphens and underscores"
            if names.count(name) > 1:
                yield f"its {what} {name!r} is declared twice"
    if fault := series_fault(family.series):
        yield fault[:1].lower() + fault[1:].removesuffix(".")
    for role in family.roles:
        if role.colour not in get_args(Colour):
            yield f"its role {role.name!r} has the colour {role.colour!r}: choose {', '.join(get_args(Colour))}"
        if role.side not in COLUMNS:
            yield f"its role {role.name!r} has the side {role.side!r}: choose {', '.join(COLUMNS)}"
        if role.gradient and role.gradient not in names_of(family.series):
            yield f"the gradient of its role {role.name!r} is {role.gradient!r}, which is not one of its series"
    if not all(map(callable, family.rules or ())):
        yield "one of its rules is not a function"
    if fault := words_fault(family.words):
        yield fault
    for fault in (options_fault(family.options), path_fault(family.path)):
        if fault:
            yield fault
    for what in ("example", "watch", "caution"):
        if not isinstance(getattr(family, what), str):
            yield f"its {what} is not a string"


FAMILIES = Families()
