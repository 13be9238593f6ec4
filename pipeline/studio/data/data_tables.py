"""The data behind the charts and tables of a data set, from its summary."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from pipeline.data.summary import Summary
from pipeline.formatting import number

MOST_BARS = 20
"""Number of classes that fit into a chart; if there are more, the largest are shown."""

MOST_ROWS = 8
"""Number of rows of a short table."""

CHANNELS: Mapping[int, tuple[str, ...]] = {1: ("grey",), 3: ("red", "green", "blue")}


def classes(summary: Summary) -> pa.Table:
    """Columns class and images, in the order of the classes; only the MOST_BARS largest, by size, if there are more."""
    shown = list(summary.classes)
    if len(shown) > MOST_BARS:
        shown = sorted(shown, key=lambda each: -each[1])[:MOST_BARS]
    return pa.table({"class": [name for name, _ in shown], "images": [count for _, count in shown]})


def values(summary: Summary) -> pa.Table:
    """Histogram of pixel values: columns channel, value and share (of the channel's pixels); 0 black, 1 white.

    value: the left edge of each of 256 bins. A 257th row repeats the last share at 1, to complete a step line.
    """
    counts = np.asarray(summary.histogram, dtype=np.float64)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    shares = np.concatenate([shares, shares[:, -1:]], axis=1)
    edges = np.arange(257) / 256
    return pa.table(
        {
            "channel": np.repeat(channels(summary), 257),
            "value": np.tile(edges, len(shares)),
            "share": shares.ravel(),
        }
    )


def channels(summary: Summary) -> tuple[str, ...]:
    """The names of the channels, in order."""
    return CHANNELS[summary.shape[0]]


def moments(summary: Summary) -> pa.Table:
    """Mean and standard deviation of each channel; 0 black, 1 white."""
    return pa.table(
        {
            "Channel": list(channels(summary)),
            "Mean": [number(round(value, 4)) for value in summary.mean],
            "Standard deviation": [number(round(value, 4)) for value in summary.std],
        }
    )


def sizes(summary: Summary) -> pa.Table:
    """The most frequent sizes, one row each, and one row for all others."""
    rows = [(f"{height:,}×{width:,}", count) for height, width, count in summary.sizes]
    return _short("Height×width", rows, summary.count, summary.size_count)


def modes(summary: Summary) -> pa.Table:
    """The Pillow modes of the image files, one row each."""
    return _short("Mode", list(summary.modes.items()), summary.count, len(summary.modes))


def broken(summary: Summary) -> pa.Table:
    """The files that cannot be read and are left out, one row each."""
    return pa.table(
        {"File": [each.file for each in summary.broken], "Reason": [each.reason for each in summary.broken]}
    )


def duplicates(summary: Summary) -> pa.Table:
    """Groups of images that are equal after preparation, one row each."""
    return pa.table(
        {
            "Images": [group.images for group in summary.groups],
            "Some held out": ["yes" if group.shared else "no" for group in summary.groups],
            "Names": [
                ", ".join(group.names) + (" and others" if group.images > len(group.names) else "")
                for group in summary.groups
            ],
        }
    )


def _short(title: str, rows: list[tuple[str, int]], count: int, kinds: int) -> pa.Table:
    shown = rows if kinds <= MOST_ROWS else rows[: MOST_ROWS - 1]
    others = count - sum(number for _, number in shown)
    if kinds > len(shown):
        shown = [*shown, (f"{kinds - len(shown):,} others", others)]
    return pa.table({title: [name for name, _ in shown], "Images": [number for _, number in shown]})
