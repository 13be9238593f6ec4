"""The options of `evaluate` and `compare`, and the line that shows their progress."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from pipeline.command.numbers import integer
from pipeline.engine.stop_signals import Stop
from pipeline.engine.terminal_line import TerminalLine
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import UnusableValue
from pipeline.formatting import remaining
from pipeline.metrics.registry import METRICS

if TYPE_CHECKING:
    from pipeline.evaluation.evaluate import Asked

COUNT = 1000


def add_options(parser: ArgumentParser) -> None:
    """Add how checkpoints are measured."""
    parser.add_argument(
        "--count", type=integer, default=COUNT, metavar="N",
        help=f"number of generated images; they are compared with as many held-out ones, or with all that there are "
        f"(default: {COUNT:,})",
    )  # fmt: skip
    parser.add_argument(
        "--metrics", metavar="NAMES",
        help=f"metrics to measure, separated by commas: {', '.join(METRICS)} (default: those that the run has all for)",
    )  # fmt: skip
    parser.add_argument(
        "--data", default="", metavar="SET",
        help="compare with another set, by name or path, which shows how the run generalises (default: its own images)",
    )  # fmt: skip
    parser.add_argument(
        "--features", default="auto", metavar="NAME",
        help="network whose features are compared: digits; own, a classifier trained on the run's labelled images; "
        "efficientnet; or the path of a file with the weights of the FID's Inception network or of DINOv2 (default: "
        "digits for handwritten digits, else efficientnet)",
    )  # fmt: skip
    parser.add_argument(
        "--weights", choices=["ema", "raw"], default="ema",
        help="averaged weights (ema) or trained weights (raw); equal if the run keeps no average (default: ema)",
    )  # fmt: skip
    parser.add_argument("--seed", type=integer, default=0, metavar="N", help="random seed of the images (default: 0)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (default: auto)")


def asked_of(arguments: Namespace, steps: tuple[int, ...], *, every_step: bool = False) -> "Asked":
    """How the options ask for checkpoints to be evaluated. Raises UnusableValue, UnknownMetrics."""
    from pipeline.evaluation.device_choice import evaluation_device
    from pipeline.evaluation.evaluate import Asked

    names = [name.strip() for name in (arguments.metrics or "").split(",") if name.strip()]
    if arguments.metrics is not None and not names:
        raise UnusableValue(f"--metrics names no metric: choose from {', '.join(METRICS)}.")
    asked = Asked(
        steps=steps,
        every_step=every_step,
        weights=arguments.weights,
        metrics=tuple(dict.fromkeys(names)),
        count=arguments.count,
        seed=arguments.seed,
        data=arguments.data,
        features=arguments.features,
        device=evaluation_device(arguments.device),
    )
    asked.require_sound()
    return asked


def evaluation_line(stream: TextIO, stop: Stop) -> Callable[[str, float], None]:
    """Progress on a terminal, with a range for the time left. Raises ReadingStopped after a stop signal."""
    line, begun = TerminalLine(stream, 0.1, 5.0, last=time.monotonic()), time.monotonic()

    def show(doing: str, share: float) -> None:
        if stop.asked():
            raise ReadingStopped(doing, round(100 * share), 100, stop.exit_code)
        if line.due:
            seconds = time.monotonic() - begun
            left = f", {remaining(seconds * (1 - share) / share)} left" if share > 0.05 else ""
            line.write(f"{doing}: {share:.0%}{left}")

    return show
