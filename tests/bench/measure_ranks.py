"""How far two processes come apart from one, for every kind of update.

    python -m tests.bench.measure_ranks

trains each case of `tests/ranks/cases.py` for 20 steps by torchrun with gloo, and by one process on the joint batch;
prints a table and writes it to `measured_ranks.txt`. Takes about two minutes on two cores. Exit code 1 if a bound is
exceeded.
"""

import sys
import tempfile
from pathlib import Path

import torch

from tests.ranks.cases import BATCH, BOUNDS, CASES, GRADIENT_BOUND, OPTIMIZERS, STEPS
from tests.ranks.launching import in_two_processes

RESULT = Path(__file__).with_name("measured_ranks.txt")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        found = in_two_processes(Path(folder) / "found.json", CASES)["cases"]
    lines = [
        f"Largest |Δ| between two processes (gloo, {BATCH // 2} images each) and one ({BATCH} images); torch",
        f"{torch.__version__.partition('+')[0]}, CPU, float32, one thread each. Gradients: of the first step. Weights:",
        f"after {STEPS} steps, with averages and running statistics. Adam: with the rates of the template.",
        "",
        f"{'case':34}{'optimizer':11}{'gradients':>10}{'weights':>10}  bounds         largest in",
    ]
    missed = False
    for name in CASES:
        for optimizer in OPTIMIZERS:
            case = found[f"{name} / {optimizer}"]
            (gradient, _), (weight, of) = case["gradients"], case["weights"]
            kept = gradient < GRADIENT_BOUND and weight < BOUNDS[optimizer]
            missed |= not kept
            bounds = f"{GRADIENT_BOUND:.0e} {BOUNDS[optimizer]:.0e}" + ("" if kept else " EXCEEDED")
            lines.append(f"{name:34}{optimizer:11}{gradient:>10.1e}{weight:>10.1e}  {bounds:13}  {of}")
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
