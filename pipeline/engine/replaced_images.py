"""The damaged images of a set that is decoded while training, each of which the next image replaces, in words."""

from pipeline.data.images import ImageSet
from pipeline.data.large.decoding import DecodedImages

IN_WORDS = 3
"""Images named in a sentence."""


class ReplacedImages:
    """The damaged images that training has met since the run was loaded."""

    def __init__(self, images: ImageSet) -> None:
        self._images = images.pixels
        self._said = 0

    def news(self) -> str:
        """A sentence on them, the first time that there are some, and each time that their number has doubled since;
        otherwise ""."""
        if not isinstance(self._images, DecodedImages):
            return ""
        damaged = self._images.damaged
        if len(damaged) < max(1, 2 * self._said):
            return ""
        self._said = len(damaged)
        first = [f"{self._images.name(place)} ({reason})" for place, reason in list(damaged.items())[:IN_WORDS]]
        many = "1 damaged image was" if len(damaged) == 1 else f"{len(damaged):,} damaged images were"
        more = f" and {len(damaged) - IN_WORDS:,} more" if len(damaged) > IN_WORDS else ""
        return f"{many} met, and replaced by the next image that is not: {', '.join(first)}{more}."
