"""The view of a film strip as query parameters of the page's URL, so that a link shows a colleague the same picture."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self, get_args

from pipeline.studio.film.sample_frames import Compare, Film, Unit

ADDRESS = ("step", "by", "compare", "with", "at", "sample")
"""The query parameters of a view."""

_UNITS: dict[str, Unit] = {unit: unit for unit in get_args(Unit)}
_WAYS: dict[str, Compare] = {way: way for way in get_args(Compare)}


@dataclass(frozen=True)
class FilmView:
    """The view of a film strip that a link names.

    step: step of the frame, None for the newest.
    by: the unit that frames are counted in.
    compare: how the frame is compared with another one.
    other: step of the other frame, None for an automatic choice.
    at: percent of the width, from the left, at which a wipe shows the other frame.
    sample: number of the selected sample, from 1; None for none.
    """

    step: int | None = None
    by: Unit = "step"
    compare: Compare = "none"
    other: int | None = None
    at: int = 50
    sample: int | None = None

    @classmethod
    def read(cls, address: Mapping[str, str]) -> Self:
        """Read the view from query parameters. Invalid values are ignored; no text raises an error."""
        at = _whole(address.get("at", ""))
        return cls(
            step=_whole(address.get("step", "")),
            by=_UNITS.get(address.get("by", ""), "step"),
            compare=_WAYS.get(address.get("compare", ""), "none"),
            other=_whole(address.get("with", "")),
            at=at if at is not None and at <= 100 else 50,
            sample=_whole(address.get("sample", "")),
        )

    def address(self) -> dict[str, str]:
        """The view as query parameters, defaults omitted; the inverse of `read`."""
        compared = self.compare != "none"
        parameters = {
            "step": self.step,
            "by": self.by if self.by != "step" else None,
            "compare": self.compare if compared else None,
            "with": self.other if compared else None,
            "at": self.at if self.compare == "wipe" else None,
            "sample": self.sample,
        }
        return {name: str(value) for name, value in parameters.items() if value is not None}


@dataclass(frozen=True)
class ResolvedView:
    """A view resolved on a film with at least one frame. growing: whether the run is training and adds frames."""

    film: Film
    view: FilmView
    growing: bool = False

    @property
    def step(self) -> int:
        """Step of the frame shown: the stored one nearest to the requested one."""
        return self.film.newest if self.view.step is None else self.film.nearest(self.view.step)

    @property
    def other(self) -> int:
        """Step of the frame compared with; by default, the one halfway from the first frame to this one."""
        if self.view.other is None:
            return self.film.steps[self.film.steps.index(self.step) // 2]
        return self.film.nearest(self.view.other)

    @property
    def sample(self) -> int | None:
        """The number of the selected sample, None if there is no such sample."""
        wanted = self.view.sample
        return wanted if wanted is not None and 1 <= wanted <= self.film.samples else None

    @property
    def missed(self) -> tuple[int, ...]:
        """Requested steps that have no stored frame."""
        wanted = (self.view.step, self.view.other if self.view.compare != "none" else None)
        return tuple(step for step in wanted if step is not None and step not in self.film.steps)

    def pinned(self, view: FilmView) -> FilmView:
        """The view for a link, with automatic choices fixed to what is shown now.

        Exception: the newest frame of a run that is training stays open, so that the view follows new frames.
        """
        step = self.step if view.step is None and not self.growing else view.step
        open_end = view.compare != "none" and view.other is None
        return replace(view, step=step, other=self.other if open_end else view.other)

    def at(self, step: int) -> int | None:
        """The `FilmView.step` for the frame of `step`: None for the newest frame of a run that is training."""
        return None if self.growing and step == self.film.newest else step


def _whole(text: str) -> int | None:
    """Parse a whole number of at most 18 digits, 0 or more; None for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
