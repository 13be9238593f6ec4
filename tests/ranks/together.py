"""What the tests have two processes do: one launch for all, since it takes seconds.

    python -m torch.distributed.run --standalone --nproc-per-node=2 -m tests.ranks.together RESULT.json cpu [CASE …]

writes {"parts": {name: [what process 0 found, process 1]}, "cases": {"name / optimizer": …}}. The single process of a
case is one of the two, while the other one is that of another case.
"""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import distributed

from pipeline.ranks.ranks import Ranks
from tests.ranks.cases import CASES, OPTIMIZERS
from tests.ranks.comparing import apart, trained
from tests.ranks.parts import PARTS


def main(result: Path, device: str, names: Sequence[str]) -> None:
    torch.set_num_threads(1)
    ranks = begun(device)
    with tempfile.TemporaryDirectory() as folder:
        parts = {name: part(ranks, Path(folder)) for name, part in PARTS.items()}
        cases = compared(ranks, Path(folder), device, names)
    every: list[Any] = [None] * ranks.count
    distributed.all_gather_object(every, (parts, cases))
    if ranks.leads:
        found = {name: [own[name] for own, _ in every] for name in PARTS}
        result.write_text(json.dumps({"parts": found, "cases": {k: v for _, own in every for k, v in own.items()}}))
    distributed.destroy_process_group()


def begun(device: str) -> Ranks:
    """Connect this process with the others: by NCCL if each has a GPU of its own, else by gloo."""
    count, local = int(os.environ["WORLD_SIZE"]), int(os.environ["LOCAL_RANK"])
    own_gpu = device == "cuda" and torch.cuda.device_count() >= count
    if own_gpu:
        torch.cuda.set_device(local)
    # Neither a faster format of shorter numbers nor sums in any order: only the number of processes is to matter.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    distributed.init_process_group("cpu:gloo,cuda:nccl" if own_gpu else "gloo", timeout=timedelta(seconds=120))
    return Ranks(distributed.get_rank(), count, local)


def compared(ranks: Ranks, home: Path, device: str, names: Sequence[str]) -> dict[str, dict[str, object]]:
    """By case and optimizer: the largest |Δ| of "gradients" and "weights", each with its tensor, and "seconds"."""
    found: dict[str, dict[str, object]] = {}
    # A single process, on the same GPU.
    alone = Ranks(local=ranks.local)
    for number, (name, optimizer) in enumerate((name, each) for name in names for each in OPTIMIZERS):
        started = perf_counter()
        together = trained(CASES[name], optimizer, home, device, ranks)
        if number % ranks.count == ranks.index:
            single = trained(CASES[name], optimizer, home, device, alone)
            deltas = {kind: apart(together[kind], single[kind]) for kind in single}
            found[f"{name} / {optimizer}"] = {**deltas, "seconds": perf_counter() - started}
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
