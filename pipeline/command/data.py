"""`data`: a report on a data set, before training on it."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from typing import get_args

from pipeline.command.answer import CommandResult
from pipeline.command.numbers import whole_number
from pipeline.data.files.opening import find
from pipeline.data.files.shades import Shades
from pipeline.data.fitting import LARGEST_SIZE, ChannelMode, Fit, Preparation
from pipeline.data.report import DataReport, report_on
from pipeline.data.sets import FACTS
from pipeline.engine.stop_signals import Stop
from pipeline.engine.terminal_line import ReadingLine
from pipeline.errors.machine import UnreadableCommand
from pipeline.formatting import counted, number, visible
from pipeline.runs.home import home, home_path

SHOWN = 10
"""Number of entries printed from a long list; --json has them all."""


def options(parser: ArgumentParser) -> None:
    """Add the data set and the preparation of its images."""
    usual = Preparation()
    parser.add_argument(
        "source", metavar="SOURCE",
        help=f"{', '.join(FACTS)}; or the path of a folder, a zip, a tar, a folder of "
        "shards (.tar, .parquet), an .npz, an IDX file or CIFAR-10's batches",
    )  # fmt: skip
    parser.add_argument(
        "--image-size", type=whole_number(4, LARGEST_SIZE), metavar="N",
        help=f"height and width in pixels to scale images to (default: {usual.image_size}; a named set: its own size)",
    )  # fmt: skip
    parser.add_argument(
        "--fit", choices=get_args(Fit), default=usual.fit, help=f"how to make images square (default: {usual.fit})"
    )
    parser.add_argument(
        "--channels",
        choices=get_args(ChannelMode),
        default=usual.channels,
        help="convert images to grey or to colour; 'as they come': to grey if most are grey, else to colour (default)",
    )
    parser.add_argument(
        "--shades",
        choices=get_args(Shades),
        default=usual.shades,
        help="which stored values become black and white: chosen by the values (default); all that the type can hold; "
        "0 to the largest value; without the darkest and brightest 0.5%%; or a number of bits, for more than 8",
    )


def run(arguments: Namespace) -> CommandResult:
    """Report on a data set: images per class, sizes, brightness, duplicates, broken files. Caches the images, so that
    training on them starts at once."""
    source = arguments.source
    size = arguments.image_size or (0 if source in FACTS else Preparation().image_size)
    preparation = Preparation(size, arguments.fit, arguments.channels, arguments.shades)
    if source in FACTS and arguments.shades != Preparation().shades:
        raise UnreadableCommand("data", f"--shades is for files, and the shades of {source} are fixed")
    if source not in FACTS:
        # Refuse a bad path before GENSCOPE_HOME is created.
        find(source, home_path())
    with Stop() as stop:
        report = report_on(source, home(), preparation, progress=ReadingLine(sys.stderr, stop))
    return CommandResult(report.as_dict(), "\n".join(map(visible, report_lines(report))))


def report_lines(report: DataReport) -> Iterator[str]:
    """The report as people read it."""
    yield f"{report.source}: {report.kind}, {counted(report.count, 'image')}"
    yield report.line
    yield "classes: " + (_counts(report.classes) if report.labelled else "none, the images have no labels")
    yield "sizes (height×width): " + _counts({f"{h:,}×{w:,}": count for (h, w), count in report.sizes.items()})
    yield f"modes: {_counts(report.modes)}"
    yield f"prepared: {'×'.join(map(str, report.shape))}, fit {report.preparation.fit}"
    means = zip(report.mean, report.std, strict=True)
    yield "brightness (0 black, 1 white): " + ", ".join(f"mean {number(m)} std {number(s)}" for m, s in means)
    yield f"duplicates: {_duplicates(report)}"
    yield f"left out: {len(report.broken):,}"
    yield from (f"  {each.file}: {each.reason}" for each in report.broken[:SHOWN])
    if len(report.broken) > SHOWN:
        yield f"  and {len(report.broken) - SHOWN:,} more"
    yield from report.notes
    yield from (f"Warning: {warning}" for warning in report.warnings)


def _duplicates(report: DataReport) -> str:
    if report.sampled:
        return "not looked for, since the set is decoded while training"
    copies = sum(len(group) - 1 for group in report.duplicates)
    shared = f", {counted(len(report.shared), 'group')} both in training and held out" if report.shared else ""
    return f"{copies:,}{shared}"


def _counts(counts: Mapping[str, int]) -> str:
    shown = ", ".join(f"{name} {count:,}" for name, count in list(counts.items())[:SHOWN])
    return shown + (f" and {len(counts) - SHOWN:,} more" if len(counts) > SHOWN else "")
