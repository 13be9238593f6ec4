"""What `export` writes of the store's records: tables of metrics, event files of TensorBoard, bundles."""

from argparse import Namespace
from collections.abc import Sequence
from shlex import quote

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.files import writable, writable_folder
from pipeline.command.progress_line import ExportLine
from pipeline.command.stores import existing_store
from pipeline.data.files.opening import UPLOADS
from pipeline.formatting import counted, listed, size, visible
from pipeline.runs.exporting.run_rows import RunRows
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.data.read_uploads import uploads_of
from pipeline.studio.evaluation.memorised import warning_before_sharing
from pipeline.studio.workflows import measured_names

ENDINGS = {"csv": ".csv", "long-csv": ".csv", "parquet": ".parquet", "long-parquet": ".parquet"}
"""The kinds of tables, and how the names of their files end."""


def table(arguments: Namespace) -> CommandResult:
    """Write the metrics of runs as one table."""
    from pipeline.runs.exporting import csv_files, parquet_files

    out = writable(arguments.out, (ENDINGS[arguments.to],))
    with existing_store() as store, ExportLine() as progress:
        records = _records(store, arguments.runs)
        if arguments.to == "csv" and len(records) == 1:
            (record,) = records
            names = measured_names(record.workflow_text, record.data_text)
            rows = csv_files.to_csv(store, record.id, out, names, progress)
        else:
            write = {
                "csv": csv_files.to_wide_csv,
                "long-csv": csv_files.to_long_csv,
                "parquet": parquet_files.to_wide_parquet,
                "long-parquet": parquet_files.to_long_parquet,
            }[arguments.to]
            rows = write([_rows(store, record) for record in records], out, progress)
    unit = "value" if arguments.to.startswith("long") else "step"
    return CommandResult(
        {**_facts(arguments, records), "out": str(out), f"{unit}s": rows},
        f"Wrote {counted(rows, unit)} of {_named(records)} to {visible(str(out))}.",
    )


def tensorboard(arguments: Namespace) -> CommandResult:
    """Write an event file of each run."""
    from pipeline.runs.event_files.stored_run import write_run

    out = writable_folder(arguments.out, "")
    with existing_store() as store, ExportLine() as progress:
        records = _records(store, arguments.runs)
        written = [write_run(store, _rows(store, record), out, arguments.every, progress) for record in records]
    counts = [sum(getattr(each, kind) for each in written) for kind in ("scalars", "images", "histograms")]
    words = listed([counted(count, word) for count, word in zip(counts, ("scalar", "image", "histogram"), strict=True)])
    return CommandResult(
        {
            **_facts(arguments, records),
            "out": str(out),
            "files": [str(each.path) for each in written],
            **dict(zip(("scalars", "images", "histograms"), counts, strict=True)),
        },
        f"Wrote {words} of {_named(records)} to {visible(str(out))}. To look at them: tensorboard --logdir "
        f"{quote(visible(str(out)))}",
    )


def bundle(arguments: Namespace) -> CommandResult:
    """Write runs, with their ancestors, to one file that `import` reads."""
    from pipeline.runs.bundles.writing import in_order, write_bundle

    out = writable(arguments.out, (".zip",))
    with existing_store() as store, ExportLine() as progress:
        runs = [record.id for record in _records(store, arguments.runs)]
        records = in_order(store, runs, ancestors=not arguments.alone)
        names = [name for record in records for name in uploads_of(record, store)]
        written = write_bundle(
            store,
            runs,
            out,
            checkpoints=arguments.checkpoints or "all",
            ancestors=not arguments.alone,
            uploads=[store.home / UPLOADS / name for name in dict.fromkeys(names)] if arguments.uploads else [],
            progress=progress,
        )
        warnings = [warning_before_sharing(store.files(record.id), record.step) for record in written.runs]
    for sentence in dict.fromkeys(filter(None, warnings)):
        print_status(sentence)
    if names and not arguments.uploads:
        print_status(f"Without the uploaded images of {listed(dict.fromkeys(names))}: add them with --uploads.")
    return CommandResult(
        {**_facts(arguments, written.runs), "out": str(out), "bytes": written.size},
        f"Wrote {_named(written.runs)} to {visible(str(out))}, {size(written.size)}. To import it: "
        f"python -m pipeline import {quote(visible(str(out)))}",
    )


def _records(store: Store, runs: Sequence[str]) -> list[RunRecord]:
    """The records of these runs, each once. Raises UnknownRun."""
    return list({record.id: record for record in map(store.resolve, runs)}.values())


def _rows(store: Store, record: RunRecord) -> RunRows:
    return RunRows(store, record, measured_names(record.workflow_text, record.data_text))


def _facts(arguments: Namespace, records: Sequence[RunRecord]) -> dict[str, object]:
    """The runs of the answer: `run` for one, `runs` for several."""
    ids = [record.id for record in records]
    return {**({"run": ids[0]} if len(ids) == 1 else {"runs": ids}), "to": arguments.to}


def _named(records: Sequence[RunRecord]) -> str:
    return f"run {records[0].id}" if len(records) == 1 else f"{len(records):,} runs"
