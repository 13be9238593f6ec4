"""What is looked at on a film strip, as the address of the page tells it: a link shows a colleague the same picture."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self, get_args

from pipeline.studio.film.sample_frames import Compare, Film, Unit

ADDRESS = ("step", "by", "compare", "with", "at", "sample")
"""The names that a view has in an address."""

_UNITS: dict[str, Unit] = {unit: unit for unit in get_args(Unit)}
_WAYS: dict[str, Compare] = {way: way for way in get_args(Compare)}


@dataclass(frozen=True)
class FilmView:
    """What is looked at, as a link tells it.

    step: the frame's, None for the newest. by: what frames are counted in. compare: how with another one. other: step
    of that one, None for one that is chosen for the user. at: percent of a wipe. sample: the picked one, from 1.
    """

    step: int | None = None
    by: Unit = "step"
    compare: Compare = "none"
    other: int | None = None
    at: int = 50
    sample: int | None = None

    @classmethod
    def read(cls, address: Mapping[str, str]) -> Self:
        """The view in an address; what cannot be meant is as if it were not there. No text raises anything."""
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
        """The view as it stands in an address, without what goes without saying; `read` gives it back."""
        compared = self.compare != "none"
        told = {
            "step": self.step,
            "by": self.by if self.by != "step" else None,
            "compare": self.compare if compared else None,
            "with": self.other if compared else None,
            "at": self.at if self.compare == "wipe" else None,
            "sample": self.sample,
        }
        return {name: str(value) for name, value in told.items() if value is not None}


@dataclass(frozen=True)
class Showing:
    """A view on a film that has frames: what of it there is. growing: whether the run trains, so that frames come."""

    film: Film
    view: FilmView
    growing: bool = False

    @property
    def step(self) -> int:
        """Of the frame that is shown: the kept one nearest to the wanted one."""
        return self.film.newest if self.view.step is None else self.film.nearest(self.view.step)

    @property
    def other(self) -> int:
        """Of the frame that it is compared with; unless it was chosen, the one halfway from the first to this."""
        if self.view.other is None:
            return self.film.steps[self.film.steps.index(self.step) // 2]
        return self.film.nearest(self.view.other)

    @property
    def sample(self) -> int | None:
        """The picked sample, where there is one of that number."""
        wanted = self.view.sample
        return wanted if wanted is not None and 1 <= wanted <= self.film.samples else None

    @property
    def missed(self) -> tuple[int, ...]:
        """Steps that are wanted but of which no frame is kept."""
        wanted = (self.view.step, self.view.other if self.view.compare != "none" else None)
        return tuple(step for step in wanted if step is not None and step not in self.film.steps)

    def pinned(self, view: FilmView) -> FilmView:
        """A view as a link says it: what was left open is as it is shown here, so that it stays so.

        Only the frame of a run that trains may stay open: who looks at the newest one goes along with it.
        """
        step = self.step if view.step is None and not self.growing else view.step
        open_end = view.compare != "none" and view.other is None
        return replace(view, step=step, other=self.other if open_end else view.other)

    def at(self, step: int) -> int | None:
        """The step that a view of this frame has: none for the newest of a run that trains."""
        return None if self.growing and step == self.film.newest else step


def _whole(text: str) -> int | None:
    """The whole number, 0 or more, that the text is; None for any other text and for one of more than 18 digits."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
