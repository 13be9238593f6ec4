"""File names of a checkpoint, and reading parts of one without torch.

`pipeline/training/checkpoint.py` writes and loads checkpoints. The functions here, but for `fault`, trust the files
without comparing them with the manifest, which would mean reading all weights.
"""

import json
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from pipeline.errors.runs import BrokenCheckpoint

FORMAT_VERSION = 1
WEIGHTS = "weights.safetensors"
OPTIMIZER = "optimizer.pt"
STATE = "state.json"
MANIFEST = "manifest.json"

PREFIX = "prefix/"
"""Begins the names of roles in the metadata of the weights file."""

LENGTH_BYTES = 8
LARGEST_HEADER = 32 * 2**20
"""Limit for the header of the weights file, in bytes; enough for a few hundred thousand tensors."""

Shapes = Mapping[str, tuple[int, ...]]


def fault(folder: Path) -> str:
    """Why a checkpoint cannot be used, "" if each of its files has the hash with which it was saved. Reads them all."""
    name = MANIFEST
    try:
        hashes = dict(json.loads((folder / MANIFEST).read_bytes())["sha256"])
        for name, expected in hashes.items():
            with (folder / name).open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != expected:
                    return f"{name} has changed since it was saved"
    except OSError as error:
        # A failing disk says what is wrong, but not with which file.
        return f"{name} cannot be read: {error.strerror}"
    except (ValueError, LookupError, TypeError, RecursionError):
        return f"{MANIFEST} does not list its files"
    return ""


def events_before(folder: Path) -> int | None:
    """How many events its run had when it was saved; None if that is not known, as for older versions."""
    try:
        found = json.loads((folder / STATE).read_bytes())["extra"]["events"]
        return found if isinstance(found, int) else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def live_values(folder: Path) -> dict[str, float]:
    """The live values at the time of the checkpoint, by "node.parameter". Raises BrokenCheckpoint."""
    try:
        found = json.loads((folder / STATE).read_bytes())["live"]
        return {str(key): float(value) for key, value in found.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenCheckpoint(str(folder), f"{STATE} holds no live values") from error


def weight_shapes(folder: Path) -> dict[str, Shapes]:
    """The shapes of each network's weights: role -> name -> shape. Reads only the file's header.

    Averaged weights, which have the same shapes, are left out. Raises BrokenCheckpoint.
    """
    shapes: dict[str, dict[str, tuple[int, ...]]] = {}
    try:
        for key, tensor in _header(folder / WEIGHTS).items():
            kind, _, rest = key.partition("/")
            role, _, name = rest.partition("/")
            if kind == "raw":
                shapes.setdefault(role, {})[name] = tuple(int(side) for side in tensor["shape"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenCheckpoint(str(folder), f"the header of {WEIGHTS} cannot be read") from error
    return dict(shapes)


def wrapper_prefixes(folder: Path) -> dict[str, str]:
    """Role -> what a wrapper put before the names of a module made in Python. Raises BrokenCheckpoint."""
    try:
        metadata = _header(folder / WEIGHTS).get("__metadata__", {})
        return {key.removeprefix(PREFIX): str(prefix) for key, prefix in metadata.items() if key.startswith(PREFIX)}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenCheckpoint(str(folder), f"the header of {WEIGHTS} cannot be read") from error


def _header(path: Path) -> dict[str, Any]:
    """The header of a safetensors file: its length in eight bytes, then JSON. Raises OSError, ValueError."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        if length > LARGEST_HEADER:
            raise ValueError("the header is too long")
        content = file.read(length)
    if len(content) < length:
        raise ValueError("the header is cut short")
    header: dict[str, Any] = json.loads(content)
    return header
