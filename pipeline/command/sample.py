"""`sample`: draw or reconstruct images with a stored checkpoint, in this process."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.files import names_file, writable, writable_folder
from pipeline.command.numbers import integer, picture_size
from pipeline.engine.stop_signals import Stop
from pipeline.engine.terminal_line import ReadingLine
from pipeline.errors.machine import UnreadableCommand
from pipeline.formatting import counted, number, visible
from pipeline.nodes.checked_workflow import read_and_check
from pipeline.runs.home import home
from pipeline.runs.store import RunRecord, Store
from pipeline.training.condition import label_of

MOMENT = 1.0
"""Seconds of drawing before a progress line appears."""


def options(parser: ArgumentParser) -> None:
    """Add the checkpoint, what to draw with it and the output path."""
    parser.add_argument("run", metavar="RUN", help="run id, or latest")
    parser.add_argument("--count", type=integer, default=64, metavar="N", help="number of images (default: 64)")
    parser.add_argument(
        "--seed", type=integer, default=0, metavar="N", help="random seed; equal seeds draw equal images (default: 0)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PATH",
        help="output: a .png file for a grid; an .npz file for the array `images`, uint8 (N, H, W, C); or a folder "
        "for one file per image, with --size or --reconstruct. Existing files are overwritten",
    )  # fmt: skip
    parser.add_argument(
        "--reconstruct", action="store_true",
        help="encode and decode the first N held-out images instead of drawing new ones (autoencoders). PATH is a .png "
        "file for a grid of originals above reconstructions, or a folder for one file each, in the original's size "
        "and under its name",
    )  # fmt: skip
    parser.add_argument(
        "--size", type=picture_size, metavar="HEIGHTxWIDTH",
        help="restore every image to this size by undoing the data set's crop, pad or stretch",
    )  # fmt: skip
    parser.add_argument("--step", type=integer, metavar="K", help="use the checkpoint of step K (default: the newest)")
    parser.add_argument(
        "--weights",
        choices=["ema", "raw"],
        default="ema",
        help="averaged weights (ema) or trained weights (raw); equal if the run keeps no average (default: ema)",
    )
    parser.add_argument(
        "--class", dest="label", metavar="NAME",
        help="draw only this class, if the run is conditional (default: every class in turn). A number that is no "
        "class's name is a label, from 0",
    )  # fmt: skip
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (default: auto)")


def run(arguments: Namespace) -> CommandResult:
    """Draw images with a checkpoint of a run, or reconstruct held-out images, and write them to files."""
    if arguments.reconstruct:
        return _reconstruct(arguments)
    each = arguments.size is not None and not names_file(arguments.out)
    out = writable_folder(arguments.out) if each else writable(arguments.out, (".png", ".npz"))
    with Store(home()) as store, Stop() as stop:
        # Before torch is imported, so that a wrong id is refused at once.
        record = store.resolve(arguments.run)
        label = _label(record, arguments.label)
        from pipeline.sampling.stored import draw_from_run
        from pipeline.training.condition import of_class

        drawing = draw_from_run(
            store,
            record.id,
            step=arguments.step,
            count=arguments.count,
            seed=arguments.seed,
            weights=arguments.weights,
            condition=of_class(label),
            device=arguments.device,
            progress=_drawing_line(stop),
        )
    for sentence in drawing.skipped:
        print_status(sentence)
    if each:
        drawing.write_each(out, arguments.size)
    else:
        (drawing.resized(arguments.size) if arguments.size else drawing).write(out)
    return CommandResult(
        {
            "run": record.id,
            "step": drawing.step,
            "count": arguments.count,
            "seed": arguments.seed,
            "weights": arguments.weights,
            "class": label,
            "out": str(out),
        },
        f"Wrote {counted(arguments.count, 'image')} of run {record.id} at step {drawing.step:,} to "
        f"{visible(str(out))}.",
    )


def _label(record: RunRecord, asked: str | None) -> int | None:
    """The label of the class that --class names. Raises UnusableValue."""
    if asked is None:
        return None
    checked = read_and_check(record.workflow_text, f"The workflow of run {record.id}", record.data)
    return label_of(asked, checked.training.asked)


def _drawing_line(stop: Stop) -> Callable[[int, int], None]:
    """Report how many images are drawn, if it takes longer than MOMENT; raises ReadingStopped after a stop signal."""
    line, started = ReadingLine(sys.stderr, stop), time.monotonic()

    def progress(done: int, total: int) -> None:
        if stop.asked() or time.monotonic() - started > MOMENT:
            line("Drawing images", done, total)

    return progress


def _reconstruct(arguments: Namespace) -> CommandResult:
    if arguments.label is not None:
        raise UnreadableCommand("sample", "--class cannot be used with --reconstruct, which draws no new images")
    if arguments.size is not None:
        raise UnreadableCommand(
            "sample", "--size cannot be used with --reconstruct: each reconstruction gets the size of its original"
        )
    as_grid = names_file(arguments.out)
    out = writable(arguments.out, (".png",)) if as_grid else writable_folder(arguments.out)
    with Store(home()) as store:
        record = store.resolve(arguments.run)
        from pipeline.sampling.reconstructing import reconstruct_from_run

        found = reconstruct_from_run(
            store,
            record.id,
            step=arguments.step,
            count=arguments.count,
            weights=arguments.weights,
            device=arguments.device,
        )
    for sentence in found.skipped:
        print_status(sentence)
    (found.write_grid if as_grid else found.write_each)(out)
    count, error = len(found.errors), float((found.errors**2).mean() ** 0.5)
    return CommandResult(
        {
            "run": record.id,
            "step": found.step,
            "count": count,
            "weights": arguments.weights,
            "error": error,
            "out": str(out),
        },
        f"Wrote {counted(count, 'reconstruction')} by run {record.id} at step {found.step:,} to {visible(str(out))}. "
        f"Root mean square error of the pixel values, which are in [-1, 1]: {number(error)}.",
    )
