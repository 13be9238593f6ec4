"""The training images of a batch, in words, as facts of an event and as a picture."""

from dataclasses import dataclass

import torch

from pipeline.data.images import ImageSet, to_array
from pipeline.formatting import listed
from pipeline.sampling.grid import grid_png

IN_WORDS = 8
"""Images named in a sentence; a batch may have thousands."""
IN_PICTURE = 64


@dataclass(frozen=True, eq=False)
class BatchImages:
    """The images of a batch. batch: their places in the training set, from 0. bad: those at fault; () if unknown.
    known: what distinguishes each of `bad` within the batch, in words; () if nothing is known."""

    images: ImageSet
    batch: tuple[int, ...]
    bad: tuple[int, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[int, ...]:
        """The images at fault, or all if these are unknown."""
        return self.bad or self.batch

    def sentence(self) -> str:
        """The images by name, or by number from 1; "" if there are none."""
        if not self.shown:
            return ""
        named = [self._name(place) for place in self.shown[:IN_WORDS]]
        for place, known in enumerate(self.known[:IN_WORDS]):
            named[place] += f" ({known})"
        if more := len(self.shown) - len(named):
            named.append(f"{more:,} more")
        many = "s" if len(self.shown) > 1 else ""
        return f"{'It came from' if self.bad else 'The batch had'} training image{many} {listed(named)}."

    def facts(self) -> dict[str, object] | None:
        """The numbers of the images from 1, and their names if they have some; None if there are none."""
        if not self.shown:
            return None
        numbers: dict[str, object] = {"images": [place + 1 for place in self.shown]}
        return numbers | ({"names": [self.images.names[place] for place in self.shown]} if self.images.names else {})

    def png(self) -> bytes:
        """A PNG grid of the first IN_PICTURE images, as they are before augmentation; b"" if there are none."""
        if not self.shown:
            return b""
        return grid_png(to_array(self.images.take(torch.tensor(self.shown[:IN_PICTURE]))))

    def _name(self, place: int) -> str:
        name = self.images.names[place] if self.images.names else ""
        return name if name and name.isprintable() else f"{place + 1:,}"
