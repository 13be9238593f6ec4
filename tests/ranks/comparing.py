"""Trains a case in some processes, and measures how far its weights come apart from those of others."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from pipeline.ranks.ranks import Ranks
from pipeline.training.trainer import Trainer
from tests.ranks.cases import STEPS, Case

Found = Mapping[str, Tensor]


def trained(case: Case, optimizer: str, home: Path, device: str, ranks: Ranks) -> dict[str, Found]:
    """The gradients of the first step, and the weights, averages and metrics after STEPS, each by name."""
    trainer = Trainer.fresh(case.experiment(optimizer, home, ranks, device))
    first: dict[str, Tensor] = {}
    for stage in trainer.stages():
        if stage.name == "gradients":
            for role in stage.operation.roles:
                for name, weight in trainer.state.networks[role].named_parameters():
                    if weight.grad is not None:
                        # Of an update that is repeated within the step, those of its first time.
                        first.setdefault(f"{stage.update} {role}.{name}", weight.grad.clone())
    trainer.slice(STEPS // 2 - 1, seconds=600)
    if case.only:
        trainer.update_only(case.only)
    trainer.slice(STEPS - STEPS // 2, seconds=600)
    state = trainer.state
    weights = {
        f"{kind}{role}.{name}": tensor.clone()
        for kind, networks in (("", state.networks), ("average of ", state.averages))
        for role, network in networks.items()
        for name, tensor in network.state_dict().items()
    }
    assert state.step == STEPS
    return {"gradients": first, "weights": weights | state.numbers}


def apart(one: Found, other: Found) -> tuple[float, str]:
    """The largest |Δ| of a number, and the name of its tensor."""
    assert one.keys() == other.keys(), one.keys() ^ other.keys()
    return max(((one[name].double() - other[name].double()).abs().max().item(), name) for name in one)
