"""Proves on a CUDA machine what the CPU cannot, in less than five minutes, and prints a table.

    python tests/gpu/prove.py                        all; without CUDA one line says that nothing ran
    python tests/gpu/prove.py --only resume bf16     some
    python tests/gpu/prove.py --device cpu --quick   the same code on the CPU, with small networks

Needs no pytest and no network. Exit code 1 if something is not as it has to be, or failed.
"""

import argparse
import sys
import tempfile
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.gpu.machine import Machine, Row

ROOT = Path(__file__).parents[2]
NAMES = ("optimizers", "bf16", "streaming", "resume", "memory", "ranks", "speed")
STEPS, QUICK_STEPS = 50, 2
NOT_RUN = "The checks on a GPU did not run: torch finds no CUDA device here."
WIDTH = 58


def main(words: Sequence[str]) -> int:
    arguments = _arguments(words)
    sys.path.insert(0, str(ROOT))
    import torch

    if arguments.device == "cuda" and not torch.cuda.is_available():
        print(NOT_RUN)
        return 0
    from tests.gpu.machine import Machine, Row

    # Only what is checked is to matter, not an algorithm that was chosen for its speed.
    torch.backends.cudnn.deterministic = True
    device = torch.device(arguments.device, 0) if arguments.device == "cuda" else torch.device(arguments.device)
    kind = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    print(f"torch {torch.__version__} on {torch.cuda.device_count()} GPUs; {kind}", flush=True)
    begun, rows = perf_counter(), list[Row]()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        steps = QUICK_STEPS if arguments.quick else STEPS
        machine = Machine(device, steps, Path(folder), small=arguments.quick)
        for name in arguments.only or NAMES:
            started = perf_counter()
            rows += _shown(_rows(name, machine))
            print(f"  {name} took {perf_counter() - started:.0f} s", flush=True)
    failed = sum(row.ok is False for row in rows)
    print(f"{len(rows)} rows in {perf_counter() - begun:.0f} s, {failed} not as they have to be.")
    return int(failed > 0)


def _rows(name: str, machine: "Machine") -> "Iterable[Row]":
    """The rows of a check, which may fail in any way without keeping others from running."""
    from tests.gpu.checks import CHECKS
    from tests.gpu.machine import Row
    from tests.gpu.processes import speeds, two_ranks

    checks = {**CHECKS, "ranks": two_ranks, "speed": speeds}
    try:
        yield from checks[name](machine)
    except Exception as error:  # noqa: BLE001  A driver may raise anything, and the other checks are still to run.
        traceback.print_exc()
        yield Row(name, f"failed: {error}", False)


def _shown(rows: "Iterable[Row]") -> "list[Row]":
    found = []
    for row in rows:
        found.append(row)
        print(f"{ {True: 'ok', False: 'NO', None: '–'}[row.ok]:3}{row.what:{WIDTH}} {row.found}", flush=True)
    return found


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="few steps of small networks, to see that the checks work")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
