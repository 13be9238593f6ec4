"""`bench`: measures speed, memory and storage on this machine, and compares them with what they are to be."""

import os
import platform
import signal
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.run_list import aligned
from pipeline.formatting import counted, duration
from pipeline.runtime.cores import SHORT_SPIN

if TYPE_CHECKING:
    from pipeline.bench.declaration import Measurement

LISTED = ("name", "takes", "measured", "what is compared", "aim")
"""Headings of `--list`."""


def options(parser: ArgumentParser) -> None:
    """Add what to measure, and how long."""
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="only these measurements, by the names of --list"
    )
    parser.add_argument(
        "--quick", action="store_true", help="measure as little as shows that everything works; no aim counts then"
    )
    parser.add_argument(
        "--list", action="store_true", help="name the measurements, their aims and how long they take; measure none"
    )


def run(arguments: Namespace) -> CommandResult:
    """Measure training against loops by hand and with viewers, memory, storage, ranks and how long a user waits.

    Takes about ten minutes on two cores that do nothing else. Ratios are of times measured in turns in one process; the
    table has their medians and ranges. Exits with code 1 if an aim was missed without a stated reason.
    """
    for name, value in SHORT_SPIN.items():
        os.environ.setdefault(name, value)
    from pipeline.bench.declaration import QUICK, USUAL
    from pipeline.bench.registry import chosen
    from pipeline.bench.results import as_rows, exit_code, remarks
    from pipeline.bench.running import take

    measurements = chosen(arguments.only)
    if arguments.list:
        return _listed(measurements)
    machine, begun = _machine(), time.monotonic()
    with _ended_by_sigterm():
        results = list(take(measurements, QUICK if arguments.quick else USUAL, print_status))
    seconds = time.monotonic() - begun
    said = (
        f"Measured in {duration(seconds)} on {counted(machine['cpus'], 'CPU core')}, of which other programs took "
        f"{machine['others']:.0%} before."
    )
    rough = ["Measured with --quick: the numbers are rough, and no aim counts."] if arguments.quick else []
    facts = {"results": [result.as_dict() for result in results], "seconds": seconds, "quick": arguments.quick}
    lines = [aligned(as_rows(results)), *remarks(results), said, *rough]
    return CommandResult({**facts, "machine": machine}, "\n".join(lines), exit_code(results, rough=arguments.quick))


def _listed(measurements: "Sequence[Measurement]") -> CommandResult:
    """The measurements without measuring."""
    facts = [
        {
            "name": each.name,
            "seconds": each.seconds,
            "rows": [
                {"name": row.name, "compares": row.compares, "aim": row.aim and str(row.aim), "reason": row.reason}
                for row in each.rows
            ],
        }
        for each in measurements
    ]
    rows: list[tuple[str, ...]] = [
        (each.name, f"about {duration(each.seconds)}", row.name, row.compares, str(row.aim or "no aim"))
        for each in measurements
        for row in each.rows
    ]
    rows.insert(0, LISTED)
    total = f"All together: about {duration(sum(each.seconds for each in measurements))}."
    return CommandResult({"measurements": facts}, f"{aligned(rows)}\n{total}")


def _machine() -> dict[str, Any]:
    """What the numbers depend on. others: the share of the cores that other programs take, over one second."""
    import psutil
    import torch

    return {
        "cpus": os.cpu_count() or 1,
        "processor": platform.processor() or platform.machine(),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "torch": torch.__version__,
        "python": platform.python_version(),
        "others": psutil.cpu_percent(interval=1.0) / 100,
    }


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends what a measurement has started, as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
