"""What only a GPU can prove; each check also runs on the CPU, so that it is known to work."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter

import torch
from torch import nn

from pipeline.data.device_placement import SETTING
from pipeline.graph.node import Link
from pipeline.nodes.building import Building
from pipeline.nodes.catalogue import NODES
from pipeline.training.checkpoint import load, save
from pipeline.training.same_state import digests_of
from pipeline.training.trainer import Trainer
from tests.gpu.machine import Check, Machine, Row, trained

OPTIMIZER_BOUND = 1e-5
"""How far weights may be apart after 100 steps of an optimizer's two forms."""
BF16_BOUND = 0.05
"""How far the losses of the first step may be apart, relative: bfloat16 has 8 bits."""
MEGABYTE = 2**20
RESUMED = ("mlp-gan", "dcgan", "vae", "flow")


def fused_optimizers(machine: Machine) -> Iterator[Row]:
    """Optimizers are fused, and move weights as torch's plain ones do."""
    for kind in ("Adam", "AdamW", "SGD"):
        node = NODES[kind].model_validate({"network": Link("network")})
        part = node.build(Building("optimizer", 0, str(machine.device), machine.home), network=None)
        weights = [nn.Parameter(torch.linspace(-1, 1, 10_000, device=machine.device)) for _ in range(2)]
        fused = part.make(weights[:1])
        plain = part.make(weights[1:])
        for group in plain.param_groups:
            group.update(fused=False, foreach=False)
        seconds = {}
        for optimizer, (weight,) in ((fused, weights[:1]), (plain, weights[1:])):
            random = torch.Generator(machine.device).manual_seed(0)
            begun = perf_counter()
            for _ in range(100):
                weight.grad = torch.randn(weight.shape, generator=random, device=machine.device)
                optimizer.step()
            machine.wait()
            seconds[optimizer] = perf_counter() - begun
        apart = (weights[0] - weights[1]).abs().max().item()
        yield Row(
            f"{kind}, fused against plain",
            f"|Δ| {apart:.1e} after 100 steps, {seconds[fused] / seconds[plain]:.2f} of its time",
            bool(fused.defaults["fused"]) and apart < OPTIMIZER_BOUND,
        )


def bf16(machine: Machine) -> Iterator[Row]:
    """Training with bfloat16 stays finite, begins as with float32, and keeps its weights in float32."""
    losses, seconds = [], []
    for precision in ("fp32", "bf16"):
        trainer = Trainer.fresh(machine.experiment("dcgan", f"training.precision={precision}"))
        first = trainer.step()
        begun = perf_counter()
        # Raises NotFinite.
        trainer.slice(machine.steps, seconds=float("inf"))
        seconds.append(perf_counter() - begun)
        losses.append(first.newest["D_loss"])
        kinds = {weight.dtype for network in trainer.state.networks.values() for weight in network.parameters()}
    relative = abs(losses[1] / losses[0] - 1)
    found = f"first loss differs by {relative:.2%}, {seconds[1] / seconds[0]:.2f} of the time of fp32"
    yield Row("dcgan in bf16", found, relative < BF16_BOUND and kinds == {torch.float32})


def streaming(machine: Machine) -> Iterator[Row]:
    """A set that is streamed from memory trains what a resident one does, bit by bit."""
    states, seconds = [], []
    for budget in ("", "0"):
        with _environment(budget):
            experiment = machine.experiment("mlp-gan")
        begun = perf_counter()
        states.append(digests_of(trained(experiment, machine.steps).state))
        seconds.append(perf_counter() - begun)
    assert (experiment.images.train.streaming is not None) and states[0]
    found = f"{_difference(*states)}, {seconds[1] / seconds[0]:.2f} of the time of a resident set"
    yield Row(f"mlp-gan, {machine.steps} steps on streamed images", found, states[0] == states[1])


def resume(machine: Machine) -> Iterator[Row]:
    """A run that is saved and loaded half-way ends as one that was not, bit by bit."""
    for template in RESUMED[:2] if machine.small else RESUMED:
        experiment = machine.experiment(template)
        half = trained(experiment, machine.steps)
        folder = machine.home / f"checkpoint-{template}"
        save(folder, half.state, {})
        half.slice(machine.steps, seconds=float("inf"))
        resumed = Trainer.fresh(experiment)
        # Also torch's own random numbers, which all trainers of a process share.
        load(folder, resumed.state)
        resumed.slice(machine.steps, seconds=float("inf"))
        states = digests_of(half.state), digests_of(resumed.state)
        yield Row(f"{template}, resumed at step {machine.steps}", _difference(*states), states[0] == states[1])


def memory(machine: Machine) -> Iterator[Row]:
    """Training takes no more memory of the GPU as it goes on."""
    if not machine.on_cuda:
        yield Row("memory of the GPU", "not measured: no GPU")
        return
    for template in ("dcgan", "flow"):
        trainer = trained(machine.experiment(template), machine.steps)
        before = torch.cuda.memory_allocated(machine.device)
        trainer.slice(5 * machine.steps, seconds=float("inf"))
        grown = torch.cuda.memory_allocated(machine.device) - before
        peak = torch.cuda.max_memory_allocated(machine.device) / MEGABYTE
        what = f"{template}, memory after {machine.steps} and {6 * machine.steps} steps"
        yield Row(what, f"{grown / MEGABYTE:+.2f} MiB, peak of all {peak:.0f} MiB", grown < MEGABYTE)


CHECKS: Mapping[str, Check] = {
    "optimizers": lambda machine: list(fused_optimizers(machine)),
    "bf16": lambda machine: list(bf16(machine)),
    "streaming": lambda machine: list(streaming(machine)),
    "resume": lambda machine: list(resume(machine)),
    "memory": lambda machine: list(memory(machine)),
}


def _difference(one: Mapping[str, int], other: Mapping[str, int]) -> str:
    different: Sequence[str] = [name for name in one if one[name] != other[name]]
    return f"different: {', '.join(different)}" if different else "the same bit by bit"


@contextmanager
def _environment(budget: str) -> Iterator[None]:
    """With this budget for a set's pixels, in megabytes; "" for the usual one."""
    before = os.environ.pop(SETTING, None)
    if budget:
        os.environ[SETTING] = budget
    try:
        yield
    finally:
        os.environ.pop(SETTING, None)
        if before is not None:
            os.environ[SETTING] = before
