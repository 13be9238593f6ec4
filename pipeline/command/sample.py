"""`sample`: images from a stored checkpoint, drawn or reconstructed in this process."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from pipeline.command.answer import CommandResult, say
from pipeline.command.files import writable, writable_folder
from pipeline.command.numbers import picture_size
from pipeline.engine.reading_line import ReadingLine
from pipeline.engine.stop_signals import Stop
from pipeline.errors.machine import UnreadableCommand
from pipeline.formatting import number
from pipeline.runs.home import home
from pipeline.runs.store import Store

MOMENT = 1.0
"""Seconds in which nobody needs to be told how far the drawing is."""


def options(parser: ArgumentParser) -> None:
    """The checkpoint, what to draw from it, and where to."""
    parser.add_argument("run", metavar="RUN", help="a run's id, or latest")
    parser.add_argument("--count", type=int, default=64, metavar="N", help="how many images (default: 64)")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="the same seed draws the same images (default: 0)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE",
        help="a grid as .png, or .npz with images uint8 (N, H, W, C); written anew if it is there already",
    )  # fmt: skip
    parser.add_argument(
        "--reconstruct", action="store_true",
        help="encode and decode the first N held-out images instead: a grid of originals over reconstructions as .png, "
        "or a folder with each reconstruction in the size that its image came in",
    )  # fmt: skip
    parser.add_argument(
        "--size", type=picture_size, metavar="HEIGHTxWIDTH",
        help="put each image into the folder FILE, in this size, as an image that came in it is brought back to it",
    )  # fmt: skip
    parser.add_argument("--step", type=int, metavar="K", help="the checkpoint of step K (default: the newest)")
    parser.add_argument(
        "--weights", choices=["ema", "raw"], default="ema", help="averaged weights, or those trained (default: ema)"
    )
    parser.add_argument(
        "--class", dest="label", type=int, metavar="K",
        help="images of class K of a run that is told classes (default: each class in turn)",
    )  # fmt: skip
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps (default: auto)")


def run(arguments: Namespace) -> CommandResult:
    """Draws images from a run's checkpoint into a file, or reconstructs held-out ones."""
    if arguments.reconstruct:
        return _reconstruct(arguments)
    out = writable_folder(arguments.out) if arguments.size else writable(arguments.out, (".png", ".npz"))
    with Store(home()) as store, Stop() as stop:
        # Before torch is loaded, so that a wrong id is refused at once.
        record = store.resolve(arguments.run)
        from pipeline.sampling.stored import draw_from_run
        from pipeline.training.condition import of_class

        drawing = draw_from_run(
            store,
            record.id,
            step=arguments.step,
            count=arguments.count,
            seed=arguments.seed,
            weights=arguments.weights,
            condition=of_class(arguments.label),
            device=arguments.device,
            progress=_drawing_line(stop),
        )
    for sentence in drawing.skipped:
        say(sentence)
    if arguments.size:
        drawing.write_each(out, arguments.size)
    else:
        drawing.write(out)
    return CommandResult(
        {
            "run": record.id,
            "step": drawing.step,
            "count": arguments.count,
            "seed": arguments.seed,
            "weights": arguments.weights,
            "class": arguments.label,
            "out": str(out),
        },
        f"{arguments.count:,} images from run {record.id} at step {drawing.step:,} are in {out}.",
    )


def _drawing_line(stop: Stop) -> Callable[[int, int], None]:
    """Tells how many images are drawn, if that takes longer than a moment; raises ReadingStopped once told to stop."""
    line, begun = ReadingLine(sys.stderr, stop), time.monotonic()

    def progress(done: int, total: int) -> None:
        if stop.asked() or time.monotonic() - begun > MOMENT:
            line("Drawing images", done, total)

    return progress


def _reconstruct(arguments: Namespace) -> CommandResult:
    if arguments.label is not None:
        raise UnreadableCommand("sample", "--class says what to draw, and --reconstruct draws nothing")
    if arguments.size is not None:
        raise UnreadableCommand("sample", "--size is for drawn images; a reconstruction gets the size of its image")
    as_grid = arguments.out.suffix.lower() == ".png"
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
        say(sentence)
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
        f"{count:,} reconstructions by run {record.id} at step {found.step:,} are in {out}. Root mean square error of "
        f"their values, which lie in [-1, 1]: {number(error)}.",
    )
