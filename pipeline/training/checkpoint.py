"""Checkpoint folders: save a TrainState atomically, and load it only if every file is unchanged.

    weights.safetensors    "raw/<role>/<weight>" and "ema/<role>/<weight>"; in its metadata, the prefixes that wrappers
                           of modules made in Python put before their own names
    optimizer.pt           states of the optimizers and of the random number generators; only tensors and plain values
    state.json             counters, live values, journal, device, threads, and the caller's extra data
    manifest.json          SHA-256 of the three files; written last

The folder is written next to its final place, flushed to the disk and renamed, so a checkpoint that exists is complete.
The file names are in `pipeline/runs/checkpoints.py`, which reads what needs no torch.
Loading uses safetensors and `weights_only=True`: a checkpoint from an untrusted source cannot run code.
"""

import io
import json
import os
import pickle
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as bytes_from_tensors
from torch import Tensor, nn

from pipeline.errors.runs import BrokenCheckpoint
from pipeline.models.python_modules import wrapper_prefix
from pipeline.runs.atomic_files import os_errors_as_refusals
from pipeline.runs.checkpoints import FORMAT_VERSION, MANIFEST, OPTIMIZER, PREFIX, STATE, WEIGHTS, wrapper_prefixes
from pipeline.runs.files import REPLACED
from pipeline.training.state import Captured, JournalEntry, TrainState, Weights

Json = Any

WRITING = ".writing"
"""The folder in which the next checkpoint is being written."""


def save(folder: Path, state: TrainState, extra: Mapping[str, Json]) -> None:
    """Save the state, which must be at a step boundary, in `folder`, and replace the folder if it exists.

    extra: JSON data that `load` returns. Raises CannotWrite, and then changes nothing.
    """
    captured = state.capture()
    files = {
        WEIGHTS: bytes_from_tensors(_flat(captured), metadata=_prefixes(state.networks)),
        OPTIMIZER: _torch_bytes({"optimizers": dict(captured.optimizers), "random": dict(captured.random)}),
        STATE: _json_bytes(_numbers(captured) | {"extra": dict(extra)}),
    }
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    files[MANIFEST] = _json_bytes({"format_version": FORMAT_VERSION, "sha256": hashes})
    beside, replaced = folder.with_name(WRITING), folder.with_name(folder.name + REPLACED)
    with os_errors_as_refusals(folder):
        try:
            _clear_leftovers(folder.parent)
            beside.mkdir(mode=0o700, parents=True)
            for name, content in files.items():
                _write_through(beside / name, content)
            _flush_folder(beside)
            if folder.exists():
                folder.replace(replaced)
            beside.replace(folder)
            _flush_folder(folder.parent)
        finally:
            if replaced.exists() and not folder.exists():
                replaced.replace(folder)
            _clear_leftovers(folder.parent)


def _clear_leftovers(place: Path) -> None:
    """Delete what was half written or has been replaced, also by a save that a kill or a power cut has ended."""
    shutil.rmtree(place / WRITING, ignore_errors=True)
    for replaced in place.glob(f"*{REPLACED}"):
        # Without the new one, it is still the checkpoint of its step.
        if replaced.with_name(replaced.name.removesuffix(REPLACED)).exists():
            shutil.rmtree(replaced, ignore_errors=True)


def load(folder: Path, state: TrainState) -> dict[str, Json]:
    """Restore `state` from `folder` and return the `extra` data given to `save`.

    Raises BrokenCheckpoint as `fitting` does, with `state` unchanged.
    """
    captured, extra = opened(folder, state)
    state.restore(captured)
    return extra


def read(folder: Path) -> Captured:
    """The state saved in `folder`. Raises BrokenCheckpoint if a file is missing or has changed since it was saved."""
    return _whole(folder)[0]


def fitting(folder: Path, state: TrainState) -> Captured:
    """As `read`, but also raise BrokenCheckpoint if the names or shapes of a network's weights differ from `state`."""
    return opened(folder, state)[0]


def opened(folder: Path, state: TrainState) -> tuple[Captured, dict[str, Json]]:
    """As `fitting`, with the `extra` data given to `save`."""
    captured, extra = _whole(folder)
    _require_fit(folder, captured, state)
    return captured, extra


def _whole(folder: Path) -> tuple[Captured, dict[str, Json]]:
    files = _read(folder, (WEIGHTS, OPTIMIZER, STATE))
    try:
        return _captured(files)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise BrokenCheckpoint(str(folder), "its content is not that of a checkpoint") from error


def _require_fit(folder: Path, captured: Captured, state: TrainState) -> None:
    for role, network in state.networks.items():
        if _shapes(captured.networks.get(role, {})) != _shapes(network.state_dict()):
            raise BrokenCheckpoint(str(folder), f"its {role} does not fit this workflow")


def load_network(folder: Path, role: str, weights: Weights, network: nn.Module) -> None:
    """Load the weights saved for `role` into `network`; with "ema", the raw weights if no average was saved.

    Raises BrokenCheckpoint as `load` does.
    """
    saved, _ = _weights_of(folder, role, weights)
    if _shapes(saved) != _shapes(network.state_dict()):
        raise BrokenCheckpoint(str(folder), f"its {role} does not fit this workflow")
    network.load_state_dict(saved)


def network_weights(folder: Path, role: str, weights: Weights) -> tuple[dict[str, Tensor], Weights]:
    """The weights saved for `role`, under the names of the module itself, and which they are: as for `load_network`.

    Without the names of the wrapper in which a module made in Python is trained. Raises BrokenCheckpoint as `load`
    does.
    """
    saved, kind = _weights_of(folder, role, weights)
    return _with_prefix(saved, wrapper_prefixes(folder).get(role, "")), kind


def _weights_of(folder: Path, role: str, weights: Weights) -> tuple[dict[str, Tensor], Weights]:
    try:
        tensors = tensors_from_bytes(_read(folder, (WEIGHTS,))[WEIGHTS])
    except SafetensorError as error:
        raise BrokenCheckpoint(str(folder), "its content is not that of a checkpoint") from error
    averaged = _with_prefix(tensors, f"ema/{role}/") if weights == "ema" else {}
    return (averaged, "ema") if averaged else (_with_prefix(tensors, f"raw/{role}/"), "raw")


def _prefixes(networks: Mapping[str, nn.Module]) -> dict[str, str]:
    prefixes = {role: wrapper_prefix(network) for role, network in networks.items()}
    return {PREFIX + role: prefix for role, prefix in prefixes.items() if prefix}


def _flat(captured: Captured) -> dict[str, Tensor]:
    """All tensors by their key in the file, contiguous and without shared memory, as safetensors requires.

    The weights of two layers may share memory. Restoring copies into the existing weights, which keep their memory
    format and what they share.
    """
    flat: dict[str, Tensor] = {}
    stored: set[int] = set()
    for kind, networks in (("raw", captured.networks), ("ema", captured.averages)):
        for role, weights in networks.items():
            state: Mapping[str, object] = weights
            for name, tensor in state.items():
                if not isinstance(tensor, Tensor):
                    reason = f"is of the type {type(tensor).__name__}, but a checkpoint can only store tensors."
                    raise TypeError(f"{name!r} in the state of the {role} {reason}")
                memory = tensor.untyped_storage().data_ptr()
                flat[f"{kind}/{role}/{name}"] = tensor.clone() if memory in stored else tensor.contiguous()
                stored.add(memory)
    return flat


def _numbers(captured: Captured) -> dict[str, Json]:
    return {
        "step": captured.step,
        "counters": dict(captured.counters),
        "images_seen": captured.images_seen,
        "seconds": captured.seconds,
        "live": dict(captured.live),
        "journal": [list(entry) for entry in captured.journal],
        "device": captured.device,
        "threads": captured.threads,
        # A float32 survives the round trip through a JSON number exactly.
        "numbers": {name: number.item() for name, number in captured.numbers.items()},
    }


def _captured(files: Mapping[str, bytes]) -> tuple[Captured, dict[str, Json]]:
    numbers = json.loads(files[STATE])
    extra: dict[str, Json] = numbers.pop("extra")
    numbers["journal"] = tuple(JournalEntry(*entry) for entry in numbers["journal"])
    numbers["numbers"] = {name: torch.tensor(number) for name, number in numbers.get("numbers", {}).items()}
    tensors = tensors_from_bytes(files[WEIGHTS])
    more = torch.load(io.BytesIO(files[OPTIMIZER]), map_location="cpu", weights_only=True)
    kinds: dict[str, dict[str, dict[str, Tensor]]] = {"raw": {}, "ema": {}}
    for key, tensor in tensors.items():
        kind, role, name = key.split("/", 2)
        kinds[kind].setdefault(role, {})[name] = tensor
    captured = Captured(
        networks=kinds["raw"], averages=kinds["ema"], optimizers=more["optimizers"], random=more["random"], **numbers
    )
    return captured, extra


def _with_prefix(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}


def _shapes(weights: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in weights.items()}


def _torch_bytes(content: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def _json_bytes(content: dict[str, Json]) -> bytes:
    return json.dumps(content, indent=1).encode()


def _read(folder: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """The contents of these files of a checkpoint, verified against the manifest."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        hashes = manifest["sha256"]
        files = {name: (folder / name).read_bytes() for name in names}
        changed = [name for name, content in files.items() if sha256(content).hexdigest() != hashes[name]]
    except OSError as error:
        name = Path(str(error.filename)).name
        raise BrokenCheckpoint(str(folder), f"{name} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenCheckpoint(str(folder), f"{MANIFEST} does not list its files") from error
    if changed:
        raise BrokenCheckpoint(str(folder), f"{changed[0]} has changed since it was saved")
    if manifest.get("format_version") != FORMAT_VERSION:
        raise BrokenCheckpoint(str(folder), "it was saved by another version of the program")
    return files


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot open a folder to flush it.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
