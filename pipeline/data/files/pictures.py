"""What a folder and a zip have in common: each image is a file of its own."""

from abc import abstractmethod

import numpy as np

from pipeline.data.files.picture import decode, header, is_grey
from pipeline.data.files.source import ImageSource, SourceImage
from pipeline.errors.data import BrokenImage

LOOKED_AT = 32
"""Pictures whose headers say whether most are grey."""

ENDINGS = "Pictures end in .png, .jpg, .webp, .bmp, .gif, .tif or .ppm."


class PictureFiles(ImageSource):
    """A source of picture files, whose bytes `content` gives."""

    @abstractmethod
    def content(self, index: int) -> bytes:
        """The bytes of picture number `index`; any thread may ask. Raises BrokenImage."""

    def picture(self, index: int, side: int = 0) -> SourceImage:
        return decode(self.content(index), side)

    def grey(self) -> bool:
        modes = []
        # Evenly chosen, so that no class or split speaks for all.
        for index in np.unique(np.linspace(0, self.count - 1, LOOKED_AT).round().astype(int)).tolist():
            try:
                modes.append(header(self.content(index)))
            except BrokenImage:
                continue
        return 2 * sum(map(is_grey, modes)) > len(modes)


def left_out(others: int) -> list[str]:
    """The note on files that are no pictures by their names."""
    if not others:
        return []
    return ["1 file is no picture by its name." if others == 1 else f"{others:,} files are no pictures by their names."]
