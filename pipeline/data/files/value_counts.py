"""Counts the stored values of images, to choose which of them become black and white.

Counts of parts of a set can be added in any order: the result is the same for every order of files and any number of
threads.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

LIMITS = (1.0, 255.0, 1_023.0, 4_095.0, 16_383.0, 65_535.0)
"""Values beyond each of these are counted exactly: largest values of masks and of 8, 10, 12, 14 and 16 bits."""

AT_ONCE = 4_000_000
"""Values converted at a time."""

DROPPED_BITS = 12
"""Bits of a 32-bit float that a bin ignores: 11 bits of its mantissa remain, so bins are 0.05% wide, and whole numbers
up to 4,096 have bins of their own."""

FEW = 100_000
"""So many values are faster to sort than to count in all bins."""

BINS = 1 << (32 - DROPPED_BITS)
SIGN = np.uint32(1 << 31)
LARGEST = float(np.finfo(np.float32).max)


class ValueCounts:
    """How often each value occurs, in bins that are narrow where values are small. All values must be finite.

    count: all values. smallest, largest: exact. whole: whether all are whole numbers. above, below: how many are
    greater than a limit of LIMITS, and less than 0 or -1; exact. bits: of the largest type of whole numbers, without
    its sign.
    """

    def __init__(self) -> None:
        self.count = 0
        self.smallest = np.inf
        self.largest = -np.inf
        self.whole = True
        self.bits = 8
        self.above = Counter[float]()
        self.below = Counter[float]()
        self._keys = np.zeros(0, np.int64)
        self._times = np.zeros(0, np.int64)

    def add(self, values: NDArray[np.generic]) -> None:
        """Count the values of an array of numbers or booleans, of any shape."""
        flat = values.reshape(-1)
        if flat.dtype.kind in "iu":
            self.bits = max(self.bits, 8 * flat.dtype.itemsize - (flat.dtype.kind == "i"))
        if flat.dtype.kind == "u" and flat.dtype.itemsize <= 2:
            self.add_histogram(np.bincount(flat))
            return
        for piece in _pieces(flat):
            self._add(piece.astype(np.float64), np.ones(1, np.int64))

    def add_histogram(self, histogram: NDArray[np.integer]) -> None:
        """Count value i `histogram[i]` times."""
        values = np.flatnonzero(histogram)
        self._add(values.astype(np.float64), histogram[values].astype(np.int64))

    def merge(self, other: "ValueCounts") -> None:
        """Add what another one has counted."""
        self.count += other.count
        self.smallest, self.largest = min(self.smallest, other.smallest), max(self.largest, other.largest)
        self.whole &= other.whole
        self.bits = max(self.bits, other.bits)
        self.above.update(other.above)
        self.below.update(other.below)
        self._count(other._keys, other._times)

    def quantile(self, share: float) -> float:
        """The smallest value that at least this share of all values does not exceed, to the width of a bin."""
        place = int(np.searchsorted(np.cumsum(self._times), max(1.0, share * self.count)))
        return float(np.clip(_value(int(self._keys[place])), self.smallest, self.largest))

    def share_outside(self, low: float, high: float, *, of_zeros: bool = True) -> float:
        """Share of the values that lie outside low to high by more than a bin's width; 0 to 1.

        of_zeros: whether zeros count among the values; without them, a background does not hide what lies before it.
        """
        first, zero, last = _keys(np.array([low, 0.0, high])).tolist()
        outside = int(self._times[(self._keys < first) | (self._keys > last)].sum())
        among = self.count if of_zeros else self.count - int(self._times[self._keys == zero].sum())
        return outside / max(1, among)

    def _add(self, values: NDArray[np.float64], times: NDArray[np.int64]) -> None:
        """Count values; times: how often each, or [1] for once."""
        if not len(values):
            return
        once = len(times) == 1 and len(values) > 1
        self.count += len(values) if once else int(times.sum())
        low, high = float(values.min()), float(values.max())
        self.smallest, self.largest = min(self.smallest, low), max(self.largest, high)
        self.whole = self.whole and bool((values == np.rint(values)).all())
        for limit in LIMITS:
            if high > limit:
                self.above[limit] += _times(values > limit, times)
        for limit in (0.0, -1.0):
            if low < limit:
                self.below[limit] += _times(values < limit, times)
        keys = _keys(values)
        if once and len(keys) > FEW:
            histogram = np.bincount(keys, minlength=BINS)
            keys = np.flatnonzero(histogram)
            times = histogram[keys]
        self._count(keys, np.broadcast_to(times, keys.shape))

    def _count(self, keys: NDArray[np.int64], times: NDArray[np.int64]) -> None:
        """Count these bins so many times."""
        merged, places = np.unique(np.concatenate([self._keys, keys]), return_inverse=True)
        self._keys, found = merged, np.zeros(len(merged), np.int64)
        np.add.at(found, places, np.concatenate([self._times, times]))
        self._times = found


class CountsByKind:
    """A ValueCounts for each kind of stored value. Values of small images are gathered and counted together."""

    def __init__(self) -> None:
        self._counts: dict[str, ValueCounts] = {}
        self._waiting: dict[str, list[NDArray[np.generic]]] = {}
        self._waiting_values = 0

    def add(self, kind: str, values: NDArray[np.generic]) -> None:
        """Count the finite values of an array, of any shape."""
        self._waiting.setdefault(kind, []).append(values.reshape(-1))
        self._waiting_values += values.size
        if self._waiting_values > AT_ONCE:
            self._count_waiting()

    def add_histogram(self, kind: str, histogram: NDArray[np.integer]) -> None:
        """Count value i `histogram[i]` times."""
        self._counts.setdefault(kind, ValueCounts()).add_histogram(histogram)

    def merge(self, other: "CountsByKind") -> None:
        """Add what another one has counted."""
        for kind, counts in other.result().items():
            self._counts.setdefault(kind, ValueCounts()).merge(counts)

    def result(self) -> dict[str, ValueCounts]:
        """The counts of each kind that has values."""
        self._count_waiting()
        return {kind: counts for kind, counts in self._counts.items() if counts.count}

    def _count_waiting(self) -> None:
        for kind, arrays in self._waiting.items():
            self._counts.setdefault(kind, ValueCounts()).add(arrays[0] if len(arrays) == 1 else np.concatenate(arrays))
        self._waiting, self._waiting_values = {}, 0


def _times(chosen: NDArray[np.bool_], times: NDArray[np.int64]) -> int:
    return int(np.broadcast_to(times, chosen.shape)[chosen].sum())


def _pieces(flat: NDArray[np.generic]) -> Iterator[NDArray[np.generic]]:
    for start in range(0, len(flat), AT_ONCE):
        yield flat[start : start + AT_ONCE]


def _keys(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bin of each value, in the order of the values: the leading bits of its 32-bit float, negative ones turned
    around."""
    # Adding 0 makes -0 a 0.
    bits = (np.clip(values, -LARGEST, LARGEST).astype(np.float32) + np.float32(0)).view(np.uint32)
    ordered = np.where(bits & SIGN, ~bits, bits | SIGN)
    return (ordered >> np.uint32(DROPPED_BITS)).astype(np.int64)


def _value(key: int) -> float:
    """The value of a bin that is nearest to zero."""
    ordered = key << DROPPED_BITS
    bits = ordered - int(SIGN) if ordered & int(SIGN) else ~(ordered | ((1 << DROPPED_BITS) - 1)) & 0xFFFFFFFF
    return float(np.array([bits], np.uint32).view(np.float32)[0])
