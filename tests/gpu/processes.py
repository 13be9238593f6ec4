"""Two processes on one GPU or two, against one; and the speed of the templates against loops by hand."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

import torch

from tests.gpu.machine import Machine, Row
from tests.ranks.cases import BOUNDS, GRADIENT_BOUND
from tests.ranks.launching import in_two_processes

CASES = (
    "GAN, batch norm and classes",
    "penalised: two-sided",
    "only a penalty",
    "autoencoder, VAE",
    "diffusion, logit-normal times",
)
"""Without dropout, which draws in another way on a GPU."""
ROUNDS, TURN = 3, 0.4
"""Turns of each contestant, and the seconds of each, so that all templates take about a minute and a half."""


def two_ranks(machine: Machine) -> Iterator[Row]:
    """Two processes train what one trains: by NCCL on two GPUs, by gloo on one."""
    try:
        found = in_two_processes(machine.home / "found.json", CASES, machine.device.type)["cases"]
    except RuntimeError as error:
        yield Row("two processes", f"failed: {str(error).strip()[-300:]}", False)
        return
    by = "NCCL" if machine.on_cuda and torch.cuda.device_count() > 1 else "gloo"
    for name, case in found.items():
        (gradient, _), (weight, of) = case["gradients"], case["weights"]
        said = f"gradients |Δ| {gradient:.1e}, weights {weight:.1e} in {of}"
        ok = gradient < GRADIENT_BOUND and weight < BOUNDS[name.rpartition(" / ")[2]]
        yield Row(f"{name}, two processes by {by}", said, ok)


def speeds(machine: Machine) -> Iterator[Row]:
    """Steps per second of each template relative to a loop by hand over the same networks and images."""
    bench: Any = None
    with suppress(ImportError):
        bench = import_module("pipeline.bench.templates")
    if bench is None:
        yield Row("speed against loops by hand", "not measured: this version has no pipeline/bench/")
        return
    declaration, running = import_module("pipeline.bench.declaration"), import_module("pipeline.bench.running")
    results: Sequence[Any] = list(
        running.take(bench.TEMPLATES, declaration.Effort(ROUNDS, TURN), lambda line: print(line, flush=True))
    )
    for result in results:
        low, high = min(result.values, default=0.0), max(result.values, default=0.0)
        said = f"{result.median:.3f} ({low:.3f} to {high:.3f}), {result.verdict} {result.row.aim or ''} {result.remark}"
        # Aims are those of an idle machine, whose benchmark judges them: here only a failure counts.
        yield Row(f"{result.row.name}", said.strip(), None if result.values else False)
