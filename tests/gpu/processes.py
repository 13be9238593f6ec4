"""Two processes on one GPU or two, against one; and the speed of the templates against loops by hand."""

from collections.abc import Iterator

import torch

from pipeline.bench.declaration import QUICK, Effort
from pipeline.bench.running import take
from pipeline.bench.templates import TEMPLATES
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
    effort = QUICK if machine.small else Effort(ROUNDS, TURN)
    for result in take(TEMPLATES[: 1 if machine.small else None], effort, lambda line: print(f"  {line}", flush=True)):
        low, high = min(result.values, default=0.0), max(result.values, default=0.0)
        said = f"{result.median:.3f} ({low:.3f} to {high:.3f}), aim {result.row.aim}: {result.verdict}. {result.remark}"
        # Whether an aim is met is for `python -m pipeline bench` to judge, with more turns: here, a failure counts.
        yield Row(result.row.name, said.strip(), None if result.values else False)
