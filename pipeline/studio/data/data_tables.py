"""The data of a data set's charts and tables, from its summary."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from pipeline.data.summary import Summary
from pipeline.formatting import number

MOST_BARS = 20
"""Classes that fit a chart; of more the largest are shown."""

MOST_ROWS = 8
"""Rows of a short table."""

CHANNELS: Mapping[int, tuple[str, ...]] = {1: ("grey",), 3: ("red", "green", "blue")}


def classes(summary: Summary) -> pa.Table:
    """(class, images), in the order of the classes; the MOST_BARS largest where there are more."""
    shown = list(summary.classes)
    if len(shown) > MOST_BARS:
        shown = sorted(shown, key=lambda each: -each[1])[:MOST_BARS]
    return pa.table({"class": [name for name, _ in shown], "images": [count for _, count in shown]})


def values(summary: Summary) -> pa.Table:
    """(channel, value, share): how large a share of a channel's pixels has each value, 0 black and 1 white.

    value: where it begins, of 256; a last one ends the steps of a line.
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
    """Names of the channels, in their order."""
    return CHANNELS[summary.shape[0]]


def moments(summary: Summary) -> pa.Table:
    """A row for each channel: its mean and standard deviation, 0 black and 1 white."""
    return pa.table(
        {
            "Channel": list(channels(summary)),
            "Mean": [number(round(value, 4)) for value in summary.mean],
            "Standard deviation": [number(round(value, 4)) for value in summary.std],
        }
    )


def sizes(summary: Summary) -> pa.Table:
    """A row for each of the most frequent sizes, and one for all others."""
    rows = [(f"{height:,}×{width:,}", count) for height, width, count in summary.sizes]
    return _short("Height×width", rows, summary.count, summary.size_count)


def modes(summary: Summary) -> pa.Table:
    """A row for each mode that pictures have in their files, in Pillow's words."""
    return _short("Mode", list(summary.modes.items()), summary.count, len(summary.modes))


def broken(summary: Summary) -> pa.Table:
    """A row for each file that is left out."""
    return pa.table(
        {"File": [each.file for each in summary.broken], "Reason": [each.reason for each in summary.broken]}
    )


def duplicates(summary: Summary) -> pa.Table:
    """A row for each group of images that are equal once they are prepared."""
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
