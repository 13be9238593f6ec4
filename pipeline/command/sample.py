"""`sample`: draw or reconstruct images with a stored checkpoint, in this process."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.checkpoint_choice import chosen_step, step_or_best
from pipeline.command.files import names_file, writable, writable_folder
from pipeline.command.numbers import integer, picture_size
from pipeline.command.stores import existing_store
from pipeline.engine.stop_signals import Stop
from pipeline.engine.terminal_line import ReadingLine
from pipeline.errors.machine import UnreadableCommand
from pipeline.families.family import FAMILIES
from pipeline.families.sampling_options import Setting, require_options
from pipeline.formatting import counted, number, visible
from pipeline.nodes.checked_workflow import read_and_check
from pipeline.runs.store import RunRecord
from pipeline.training.condition import label_of

COUNT, FRAMES = 64, 8
OPTION = "option_{}"
"""Name of a sampler's option among the parsed arguments, apart from those of the command itself."""
MOMENT = 1.0
"""Seconds of drawing before a progress line appears."""


def options(parser: ArgumentParser) -> None:
    """Add the checkpoint, what to draw with it and the output path."""
    parser.add_argument("run", metavar="RUN", help="run id, or latest")
    parser.add_argument(
        "--count", type=integer, metavar="N", help=f"number of images (default: {COUNT}; with --between {FRAMES})"
    )
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
    parser.add_argument(
        "--step", type=step_or_best, metavar="K",
        help="use the checkpoint of step K, or (best) of the step that the periodic evaluation found best; default: "
        "the newest",
    )  # fmt: skip
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
    for option in FAMILIES.options.values():
        parser.add_argument(
            f"--{option.name}",
            dest=OPTION.format(option.name),
            metavar=option.name.upper() if option.choices else "N" if isinstance(option.default, int) else "X",
            help=f"for models with this option: {option.meaning[:1].lower()}{option.meaning[1:].rstrip('.')} "
            "(default: as the run's workflow says)",
        )
    parser.add_argument(
        "--between", nargs=2, type=integer, metavar=("FIRST", "LAST"),
        help="draw N images between image FIRST and image LAST of the seed, counted from 1, by interpolating their "
        "noise, in one row",
    )  # fmt: skip
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (default: auto)")


def run(arguments: Namespace) -> CommandResult:
    """Draw images with a checkpoint of a run, or reconstruct held-out images, and write them to files."""
    if arguments.reconstruct:
        return _reconstruct(arguments)
    each = arguments.size is not None and not names_file(arguments.out)
    out = writable_folder(arguments.out) if each else writable(arguments.out, (".png", ".npz"))
    with existing_store() as store, Stop() as stop:
        # Before torch is imported, so that a wrong id is refused at once.
        record = store.resolve(arguments.run)
        label, settings = _label(record, arguments.label), _settings(record, arguments)
        from pipeline.sampling.paths import between_from_run
        from pipeline.sampling.stored import draw_from_run
        from pipeline.training.condition import of_class

        chosen: dict[str, Any] = {
            "step": chosen_step(store, record, arguments.step),
            "seed": arguments.seed,
            "weights": arguments.weights,
            "condition": of_class(label),
            "settings": settings,
            "device": arguments.device,
            "progress": _drawing_line(stop),
        }
        if arguments.between is None:
            count = COUNT if arguments.count is None else arguments.count
            drawing = draw_from_run(store, record.id, count=count, **chosen)
        else:
            count = FRAMES if arguments.count is None else arguments.count
            first, last = arguments.between
            drawing = between_from_run(store, record.id, first=first, last=last, frames=count, **chosen)
    for sentence in drawing.remarks:
        print_status(sentence)
    if each:
        drawing.write_each(out, arguments.size)
    else:
        (drawing.resized(arguments.size) if arguments.size else drawing).write(out)
    return CommandResult(
        {
            "run": record.id,
            "step": drawing.step,
            "count": count,
            "seed": arguments.seed,
            "weights": arguments.weights,
            # The class by its label, where a picture's metadata has its name.
            **drawing.facts,
            "class": label,
            "out": str(out),
        },
        f"Wrote {counted(count, 'image')} of run {record.id} at step {drawing.step:,} to {visible(str(out))}.",
    )


def _settings(record: RunRecord, arguments: Namespace) -> dict[str, Setting]:
    """The options of the sampler that were given. Raises UnusableValue if the run does not have one of them, or if a
    value is out of range."""
    given = {
        name: text for name in FAMILIES.options if (text := getattr(arguments, OPTION.format(name), None)) is not None
    }
    if not given:
        return {}
    checked = read_and_check(record.workflow_text, f"The workflow of run {record.id}", record.data)
    known = {option.name: option for option in checked.training.options}
    values = {name: known[name].read(text) if name in known else text for name, text in given.items()}
    require_options(values, checked.training.options)
    return values


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
    if arguments.between is not None:
        raise UnreadableCommand("sample", "--between cannot be used with --reconstruct, which draws no new images")
    for name in FAMILIES.options:
        if getattr(arguments, OPTION.format(name), None) is not None:
            raise UnreadableCommand("sample", f"--{name} cannot be used with --reconstruct, which draws no new images")
    if arguments.label is not None:
        raise UnreadableCommand("sample", "--class cannot be used with --reconstruct, which draws no new images")
    if arguments.size is not None:
        raise UnreadableCommand(
            "sample", "--size cannot be used with --reconstruct: each reconstruction gets the size of its original"
        )
    as_grid = names_file(arguments.out)
    out = writable(arguments.out, (".png",)) if as_grid else writable_folder(arguments.out)
    with existing_store() as store:
        record = store.resolve(arguments.run)
        from pipeline.sampling.reconstructing import reconstruct_from_run

        found = reconstruct_from_run(
            store,
            record.id,
            step=chosen_step(store, record, arguments.step),
            count=COUNT if arguments.count is None else arguments.count,
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
