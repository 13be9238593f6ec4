"""Trains each case in two processes and in a single one, and measures how far their weights come apart.

    python -m torch.distributed.run --standalone --nproc-per-node=2 -m tests.ranks.comparing RESULT.json [CASE …]

The single process of a case is one of the two, while the other one is that of another case.
"""

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor, distributed

from pipeline.ranks.ranks import ALONE, Ranks
from pipeline.training.trainer import Trainer
from tests.ranks.cases import CASES, OPTIMIZERS, STEPS, Case

Found = Mapping[str, Tensor]


def trained(case: Case, optimizer: str, home: Path, ranks: Ranks) -> dict[str, Found]:
    """The gradients of the first step, and the weights, averages and metrics after STEPS, each by name."""
    trainer = Trainer.fresh(case.experiment(optimizer, home, ranks))
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


def main(result: Path, names: Iterable[str]) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", timeout=timedelta(seconds=120))
    index, count = distributed.get_rank(), distributed.get_world_size()
    found: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, optimizer) in enumerate((name, each) for name in names for each in OPTIMIZERS):
            started = perf_counter()
            together = trained(CASES[name], optimizer, Path(folder), Ranks(index, count))
            if number % count == index:
                single = trained(CASES[name], optimizer, Path(folder), ALONE)
                deltas = {kind: apart(together[kind], single[kind]) for kind in single}
                found[f"{name} / {optimizer}"] = {**deltas, "seconds": perf_counter() - started}
                print(name, optimizer, deltas, perf_counter() - started, flush=True)
    every: list[dict[str, object]] = [{} for _ in range(count)]
    distributed.all_gather_object(every, found)
    if index == 0:
        result.write_text(json.dumps({name: each for part in every for name, each in part.items()}, indent=1))
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or CASES)
