"""Which images are kept aside: a fixed share, of every class alike, always the same ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def held_out_counts(counts: Sequence[int], share: float) -> tuple[int, ...]:
    """How many images of each class are held out, where classes have so many: `share` of all, divided by the largest
    remainders. A class keeps at least one image to learn from."""
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
    """(N,) bool: which images are held out, of labels (N,) from 0 on. The same labels give the same images."""
    counts = np.bincount(labels)
    shuffled = np.random.default_rng(0).permutation(len(labels))
    mask = np.zeros(len(labels), dtype=np.bool_)
    for place, count in enumerate(held_out_counts(counts.tolist(), share)):
        mask[shuffled[labels[shuffled] == place][:count]] = True
    return mask
