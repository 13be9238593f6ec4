"""The common part of folders, zips and tars: each image is a file."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from pipeline.data.files.captions import CAPTION_ENDINGS
from pipeline.data.files.label_tables import is_table
from pipeline.data.files.picture import decode, header, is_grey
from pipeline.data.files.rules import Rules
from pipeline.data.files.source import BrokenFile, ImageSource, SourceImage
from pipeline.errors.data import BrokenImage

LOOKED_AT = 32
"""Number of pictures whose headers decide whether most are grey."""

ENDINGS = (
    "Pictures end in .png, .jpg, .webp, .avif, .bmp, .gif, .tif, .tga, .jp2, .ppm or like others that Pillow reads."
)


class PictureFiles(ImageSource):
    """A source of picture files; subclasses implement `content`."""

    @abstractmethod
    def content(self, index: int) -> bytes:
        """The bytes of picture number `index`; thread-safe. Raises BrokenImage."""

    def picture(self, index: int, side: int = 0, rules: Rules = "0.4") -> SourceImage:
        return decode(self.content(index), side, self.entries.names[index], rules)

    def grey(self) -> bool:
        modes = []
        # Evenly spaced, so that no single class or split decides.
        for index in np.unique(np.linspace(0, self.count - 1, LOOKED_AT).round().astype(int)).tolist():
            try:
                modes.append(header(self.content(index), self.entries.names[index], self.rules))
            except BrokenImage:
                continue
        return 2 * sum(map(is_grey, modes)) > len(modes)


def left_out(others: int) -> list[str]:
    """The note on files whose names do not end like a picture's."""
    if not others:
        return []
    return ["1 file is not named like a picture." if others == 1 else f"{others:,} files are not named like pictures."]


def is_text(name: str) -> bool:
    """Whether a file of this name may hold labels or captions."""
    return name.lower().endswith(CAPTION_ENDINGS) or is_table(name)


def nothing_used(left_out: Sequence[BrokenFile]) -> str:
    """Why a source is refused that has no picture in use."""
    if left_out:
        return f"no image in it can be used ({left_out[0].file}: {left_out[0].reason})"
    return "there are no images in it"
