"""Statistics over all images of a set; torch-free."""

from collections import defaultdict
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 4096
"""Images counted at a time: counting copies their values."""


def shade_counts(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How often each shade occurs in each channel of images (N, C, H, W): (C, 256)."""
    channels = pixels.shape[1]
    counts = np.zeros((channels, 256), np.int64)
    for start in range(0, len(pixels), AT_ONCE):
        part = pixels[start : start + AT_ONCE]
        for channel in range(channels):
            counts[channel] += np.bincount(part[:, channel].ravel(), minlength=256)
    return counts


def mean_and_std(counts: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each channel, with black as 0 and white as 1; exact. counts: (C, 256)."""
    values = np.arange(256) / 255
    share = counts / counts.sum(axis=1, keepdims=True)
    mean = share @ values
    return mean, np.sqrt((share * (values - mean[:, None]) ** 2).sum(axis=1))


def duplicates(pixels: NDArray[np.uint8]) -> list[list[int]]:
    """Groups of pixel-identical images as indices into (N, C, H, W); largest groups first."""
    places: dict[bytes, list[int]] = defaultdict(list)
    for place, image in enumerate(pixels):
        places[blake2b(image.tobytes(), digest_size=16).digest()].append(place)
    groups = [group for group in places.values() if len(group) > 1]
    return sorted(groups, key=lambda group: (-len(group), group))


def content_hash(*parts: NDArray[np.uint8]) -> str:
    """A hash of images, given in parts (N, C, H, W): their number, shape and order; about a gigabyte a second."""
    digest = blake2b(repr((sum(map(len, parts)), *parts[0].shape[1:])).encode(), digest_size=16)
    for pixels in parts:
        for start in range(0, len(pixels), AT_ONCE):
            digest.update(np.ascontiguousarray(pixels[start : start + AT_ONCE]).data)
    return digest.hexdigest()
