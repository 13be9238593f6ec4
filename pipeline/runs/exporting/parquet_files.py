"""Exports metrics as Parquet, with a type for each column.

Rows are written in groups of about 130,000, so that memory is bounded, and readers can skip groups. The file's metadata
has, under the key "genscope", the program's version and the runs as JSON.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline import VERSION
from pipeline.runs.atomic_files import os_errors_as_refusals, temporary_sibling
from pipeline.runs.blocks import Steps
from pipeline.runs.exporting.csv_files import heading, union
from pipeline.runs.exporting.progress import ExportProgress, unseen
from pipeline.runs.exporting.run_rows import RunRows

GROUP = 2**17
"""Rows of a group, at least; the last one has fewer."""
METADATA = b"genscope"

_TEXT = pa.dictionary(pa.int32(), pa.string())


def to_wide_parquet(runs: Sequence[RunRows], out: Path, progress: ExportProgress = unseen) -> int:
    """Write runs to one file: run (its id) and name as dictionaries, step as int64, and a float32 column per metric of
    any of them; a row per run and step. Return the number of rows.

    Null: not measured at that step, or a metric that the run does not have. NaN: as in `csv_files.to_csv`. A metric
    called like one of the first columns has " (metric)" behind its name. Raises UnknownRun, CannotWrite.
    """
    columns = union(runs)
    metrics = [pa.field(heading(name), pa.float32()) for name in columns]

    def tables() -> Iterator[tuple[int, pa.Table]]:
        for run in runs:
            places = {name: place for place, name in enumerate(run.columns)}
            for block in run.wide():
                rows = len(block.steps)
                values = [
                    pa.array(block.values[:, places[name]], mask=~block.present[:, places[name]])
                    if name in places
                    else pa.nulls(rows, pa.float32())
                    for name in columns
                ]
                yield rows, pa.table([*_keys(run, block.steps), *values], schema=schema)

    schema = _schema(runs, metrics)
    return _write(runs, schema, tables(), out, progress)


def to_long_parquet(runs: Sequence[RunRows], out: Path, progress: ExportProgress = unseen) -> int:
    """Write runs to one file: run, name and metric as dictionaries, step as int64, value as float32; a row per value,
    by run, step and metric. Return the number of rows.

    NaN has no row; a measurement before the first step has one. Raises UnknownRun, CannotWrite.
    """

    def tables() -> Iterator[tuple[int, pa.Table]]:
        for run in runs:
            for block in run.long():
                metric = pa.DictionaryArray.from_arrays(block.columns, pa.array(run.columns, pa.string()))
                values = pa.array(block.values)
                yield len(np.unique(block.steps)), pa.table([*_keys(run, block.steps), metric, values], schema=schema)

    schema = _schema(runs, [pa.field("metric", _TEXT), pa.field("value", pa.float32())])
    return _write(runs, schema, tables(), out, progress)


def _keys(run: RunRows, steps: Steps) -> list[pa.Array]:
    """The columns run, name and step of rows of one run."""
    zeros = np.zeros(len(steps), np.int32)
    texts = (run.record.id, run.record.name)
    return [*(pa.DictionaryArray.from_arrays(zeros, pa.array([text])) for text in texts), pa.array(steps, pa.int64())]


def _schema(runs: Sequence[RunRows], fields: Sequence[pa.Field]) -> pa.Schema:
    facts = {
        "version": VERSION,
        "runs": [
            {"id": run.record.id, "name": run.record.name, "created": run.record.created, "seed": run.record.seed}
            for run in runs
        ],
    }
    keys = [pa.field("run", _TEXT), pa.field("name", _TEXT), pa.field("step", pa.int64())]
    return pa.schema([*keys, *fields], metadata={METADATA: json.dumps(facts).encode()})


def _write(
    runs: Sequence[RunRows],
    schema: pa.Schema,
    tables: Iterator[tuple[int, pa.Table]],
    out: Path,
    progress: ExportProgress,
) -> int:
    """Write tables to a file in groups, and return the number of rows. tables: with the number of steps of each."""
    from pyarrow.parquet import ParquetWriter

    rows, done, total = 0, 0, sum(run.steps for run in runs)
    waiting: list[pa.Table] = []
    with os_errors_as_refusals(out), temporary_sibling(out) as temporary:
        texts = [field.name for field in schema if field.type == _TEXT]
        floats = [field.name for field in schema if field.type == pa.float32()]
        # Bytes of the same place together, the exponents for example, which compress better than numbers.
        options = {"compression": "zstd", "use_dictionary": texts, "use_byte_stream_split": floats}
        with ParquetWriter(temporary, schema, **options) as writer:
            for steps, table in tables:
                waiting.append(table)
                if sum(map(len, waiting)) >= GROUP:
                    rows += _write_group(writer, waiting)
                done += steps
                progress("Writing steps", min(done, total), total)
            rows += _write_group(writer, waiting)
        temporary.replace(out)
    return rows


def _write_group(writer: Any, waiting: list[pa.Table]) -> int:
    """Write the waiting tables as one group, if there are any, and empty the list."""
    if not waiting:
        return 0
    whole = pa.concat_tables(waiting).unify_dictionaries()
    waiting.clear()
    writer.write_table(whole, row_group_size=len(whole))
    return len(whole)
