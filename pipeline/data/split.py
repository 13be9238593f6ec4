"""Chooses the held-out images: a fixed share, the same for every class, always the same images."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def held_out_counts(counts: Sequence[int], share: float) -> tuple[int, ...]:
    """How many images to hold out of classes with these counts: `share` of all, distributed by largest remainder. Each
    class keeps at least one training image."""
    exact = [count * share for count in counts]
    chosen = [min(int(part), max(0, count - 1)) for part, count in zip(exact, counts, strict=True)]
    wanted = round(sum(counts) * share)
    by_remainder = sorted(range(len(counts)), key=lambda place: chosen[place] - exact[place])
    for place in by_remainder:
        if sum(chosen) >= wanted:
            break
        if chosen[place] + 1 < counts[place]:
            chosen[place] += 1
    return tuple(chosen)


def held_out_mask(labels: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
    """(N,) bool: True for held-out images. labels: (N,), counted from 0. The same labels give the same mask."""
    counts = np.bincount(labels)
    shuffled = np.random.default_rng(0).permutation(len(labels))
    mask = np.zeros(len(labels), dtype=np.bool_)
    for place, count in enumerate(held_out_counts(counts.tolist(), share)):
        mask[shuffled[labels[shuffled] == place][:count]] = True
    return mask
