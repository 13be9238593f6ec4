"""The images of a set, decoded in threads whenever they are drawn: the same pixels as if the set was read whole.

Only images that are drawn are in memory. An image that is damaged is replaced by the next one of its set that is not:
which one depends on the files alone, so a resumed run draws the same. It is counted, and its label is that of the image
that took its place.
"""

import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.reading import rules_for
from pipeline.data.files.shades import Scales, as_image, needs_scale
from pipeline.data.files.source import ImageSource
from pipeline.data.fitting import Preparation, as_pixels, fit_to_square
from pipeline.errors.data import BrokenImage, TooManyDamaged

AT_ONCE = 8
"""Images per task of a thread."""

MOST_THREADS = 16

MOST_IN_A_ROW = 64
"""Damaged images in a row that are passed over. More are not a few damaged files, but a disk that is failing."""


class DecodedImages:
    """N images of a source.

    shape: (N, C, S, S). content: a hash of which images these are. damaged: by place in the set, the reason for each
    image that turned out to be damaged.
    """

    def __init__(
        self, source: ImageSource, rows: NDArray[np.int64], preparation: Preparation, scales: Scales, content: str
    ) -> None:
        """rows: (N,) places in the source. scales: of images of more than 8 bits. content: a hash of the source."""
        grey, side = preparation.grey(source.grey()), preparation.image_size
        self.shape = (len(rows), 1 if grey else 3, side, side)
        self.damaged: Mapping[int, str] = {}
        digest = blake2b(f"{content} {preparation} {sorted(scales)}".encode(), digest_size=16)
        digest.update(rows.astype("<i8").tobytes())
        self.content = digest.hexdigest()
        self._source = source
        self._rows = rows
        self._preparation = preparation
        self._scales = scales
        self._mode = "L" if grey else "RGB"
        self._rules = rules_for(source, preparation)
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes that all pixels would take."""
        count, channels, height, width = self.shape
        return count * channels * height * width

    def name(self, place: int) -> str:
        """The name of image number `place`, escaped for people."""
        return self._source.entries.names[int(self._rows[place])]

    def take(self, places: NDArray[np.int64], into: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Decode the images at these places (B,) into an array (B, C, S, S). Returns the places (B,) that were used.

        Raises SourceChanged if a file is gone or has changed, TooManyDamaged.
        """
        used = np.array(places, np.int64)

        def some(start: int) -> None:
            for position in range(start, min(start + AT_ONCE, len(used))):
                used[position] = self._readable(int(used[position]), into[position])

        starts = range(0, len(used), AT_ONCE)
        if threads() == 1 or len(starts) == 1:
            for start in starts:
                some(start)
        else:
            # All tasks end before an error is raised: none writes into an array that its owner has given up.
            tasks = [_pool().submit(some, start) for start in starts]
            errors = [error for task in tasks if (error := task.exception())]
            if errors:
                raise errors[0]
        return used

    def _readable(self, place: int, into: NDArray[np.uint8]) -> int:
        """Decode this image, or the next readable one; its place."""
        count, reason = self.shape[0], ""
        for tried in range(min(count, MOST_IN_A_ROW)):
            now = (place + tried) % count
            if now in self.damaged:
                reason = reason or self.damaged[now]
                continue
            try:
                self._decode(now, into)
            except BrokenImage as error:
                reason = reason or error.reason
                with self._lock:
                    self.damaged = {**self.damaged, now: error.reason}
            else:
                return now
        raise TooManyDamaged(self.name(place), reason, min(count, MOST_IN_A_ROW))

    def _decode(self, place: int, into: NDArray[np.uint8]) -> None:
        side, fit = self._preparation.image_size, self._preparation.fit
        picture = self._source.picture(int(self._rows[place]), side, self._rules)
        if needs_scale(picture.image, self._scales):
            raise BrokenImage("it has more than 8 bits, unlike all images of the sample that was looked at")
        image = as_image(picture.image, self._scales)
        image = image if image.mode == self._mode else image.convert(self._mode)
        into[...] = as_pixels(fit_to_square(image, side, fit))


def threads() -> int:
    """Threads that decode: all cores of this process but one, which training has for itself. Processes that torchrun
    starts on one machine share its cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    processes = os.environ.get("LOCAL_WORLD_SIZE", "")
    share = cores // max(1, int(processes)) if processes.isdecimal() else cores
    return min(MOST_THREADS, max(1, share - 1))


@lru_cache(1)
def _pool() -> ThreadPoolExecutor:
    """One for all sets of this process."""
    return ThreadPoolExecutor(threads(), "genscope-decoding")
