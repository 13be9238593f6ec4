"""Write the trained weights of a stored run as safetensors files that a plain torch module loads.

network.load_state_dict(safetensors.torch.load_file("network.safetensors"))
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import save as bytes_from_tensors
from torch import Tensor

from pipeline import VERSION
from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint, UnknownCheckpoint
from pipeline.formatting import listed
from pipeline.runs.atomic_files import make_folder, write_atomically
from pipeline.runs.checkpoints import weight_shapes
from pipeline.runs.store import Store
from pipeline.training.checkpoint import network_weights
from pipeline.training.state import Weights

ENDING = ".safetensors"


@dataclass(frozen=True)
class WrittenWeights:
    """Weights written to files. files: network -> its file. kinds: network -> "ema" or "raw". skipped: a message for
    each newer checkpoint that was damaged and skipped."""

    step: int
    files: Mapping[str, Path]
    kinds: Mapping[str, Weights]
    skipped: tuple[str, ...]


def write_weights(
    store: Store, run: str, out: Path, *, network: str | None = None, step: int | None = None, weights: Weights = "ema"
) -> WrittenWeights:
    """Write the weights of a checkpoint of a run (its id): one network to a file, or each to `NETWORK.safetensors`.

    The names are those of the module's own `state_dict()`. The run's workflow is not needed, so nodes and modules that
    are missing today do not matter. out: the file, which ends in .safetensors, or the folder. network: its role; None
    for the only one, or for all if `out` is a folder. step: None for the newest undamaged checkpoint. weights: "ema"
    for the moving average, or the raw weights of a network that keeps none.

    Raises UnusableValue for an unknown network, or several for one file; NoCheckpoint, UnknownCheckpoint,
    BrokenCheckpoint, CannotWrite.
    """
    checkpoints = dict(store.files(run).checkpoints())
    if not checkpoints:
        raise NoCheckpoint(run)
    if step is not None and step not in checkpoints:
        raise UnknownCheckpoint(run, step, checkpoints)
    skipped: list[str] = []
    for at in sorted(checkpoints, reverse=True) if step is None else [step]:
        folder = checkpoints[at]
        try:
            chosen = _chosen(run, sorted(weight_shapes(folder)), network, out)
            found = {role: network_weights(folder, role, weights) for role in chosen}
        except BrokenCheckpoint as error:
            if step is not None:
                raise
            skipped.append(str(error))
            continue
        files = {role: _file(out, role) for role in found}
        if out.suffix.lower() != ENDING:
            make_folder(out, private=False)
        for role, (tensors, kind) in found.items():
            write_atomically(files[role], _content(tensors, run=run, step=str(at), network=role, weights=kind))
        return WrittenWeights(at, files, {role: kind for role, (_, kind) in found.items()}, tuple(skipped))
    raise NoCheckpoint(run)


def _chosen(run: str, roles: list[str], network: str | None, out: Path) -> list[str]:
    if network is not None:
        if network not in roles:
            raise UnusableValue(f"Run {run} has no network {network[:60]!r}: its networks are {listed(roles)}.")
        return [network]
    if len(roles) > 1 and out.suffix.lower() == ENDING:
        raise UnusableValue(
            f"Run {run} has {len(roles)} networks, {listed(roles)}: choose one with --network, or name a folder for "
            "a file of each."
        )
    return roles


def _file(out: Path, role: str) -> Path:
    return out if out.suffix.lower() == ENDING else out / f"{role}{ENDING}"


def _content(tensors: Mapping[str, Tensor], **facts: str) -> bytes:
    return bytes_from_tensors(dict(tensors), metadata={"format": "pt", "version": VERSION, **facts})
