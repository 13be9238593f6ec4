"""The rows of blocks, made before the transaction that adds them, in a file.

Summaries of ten million steps take seconds to compute. Meanwhile no other process could write to the database, and an
engine that waits for too long stops training.
"""

import math
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.runs.blocks import columns_of, floats_from
from pipeline.runs.bundles.archive import Bundle
from pipeline.runs.bundles.manifest import VALUES, entry_of_run
from pipeline.runs.bundles.run_tables import RunTables

_HEAD = struct.Struct("<dddq")
"""Low, high and last, NaN for NULL, and the number of bytes of the cells, which follow."""


def prepare(bundle: Bundle, tables: RunTables, path: Path) -> None:
    """Write everything that the rows of a run's blocks have besides their keys to a new file."""
    with bundle.open(entry_of_run(tables.record.id, VALUES)) as source, path.open("xb") as out:
        for series in tables.series:
            for first_step, count in series.blocks:
                row: dict[str, Any] = columns_of(first_step, floats_from(source.read(4 * count)))
                summaries = [math.nan if row[name] is None else row[name] for name in ("low", "high", "last")]
                out.write(_HEAD.pack(*summaries, len(row["cells"])) + row["cells"] + row["raw"])


def prepared_rows(path: Path, tables: RunTables, ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """The rows of `schema.metric_blocks` in the file. ids: of the series in the database, by name."""
    with path.open("rb") as file:
        for series in tables.series:
            for first_step, count in series.blocks:
                *summaries, length = _HEAD.unpack(file.read(_HEAD.size))
                low, high, last = (None if math.isnan(each) else each for each in summaries)
                yield {
                    "series": ids[series.name],
                    "first_step": first_step,
                    "points": count,
                    "low": low,
                    "high": high,
                    "last": last,
                    "cells": file.read(length),
                    "raw": file.read(4 * count),
                }
