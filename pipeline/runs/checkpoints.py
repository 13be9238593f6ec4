"""What the files of a checkpoint are called, and what can be read of one without torch.

`pipeline/training/checkpoint.py` writes and loads them. Whoever reads here trusts the files as they lie: comparing them
with the manifest would mean to read all weights.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.errors.runs import BrokenCheckpoint

FORMAT_VERSION = 1
WEIGHTS = "weights.safetensors"
OPTIMIZER = "optimizer.pt"
STATE = "state.json"
MANIFEST = "manifest.json"

LENGTH_BYTES = 8
LARGEST_HEADER = 32 * 2**20
"""Of the weights' file, in bytes; some hundred thousand tensors."""

Shapes = Mapping[str, tuple[int, ...]]


def live_values(folder: Path) -> dict[str, float]:
    """The live values that were in force, by "node.parameter". Raises BrokenCheckpoint."""
    try:
        found = json.loads((folder / STATE).read_bytes())["live"]
        return {str(key): float(value) for key, value in found.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenCheckpoint(str(folder), f"{STATE} tells no live values") from error


def weight_shapes(folder: Path) -> dict[str, Shapes]:
    """The shapes of each network's weights by their names, by the network's role; only the file's header is read.

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
        raise BrokenCheckpoint(str(folder), f"{WEIGHTS} does not tell what is in it") from error
    return dict(shapes)


def _header(path: Path) -> dict[str, Any]:
    """What is in a file of safetensors: its length in eight bytes, then JSON. Raises OSError, ValueError."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        if length > LARGEST_HEADER:
            raise ValueError("no header is so long")
        content = file.read(length)
    if len(content) < length:
        raise ValueError("the header is cut short")
    header: dict[str, Any] = json.loads(content)
    return header
