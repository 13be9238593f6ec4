"""Read trained weights from a file that was not written by this run: safetensors, or a state dict saved by torch.

Nothing in a file is run: torch's loader takes tensors and plain values only (`weights_only`).
"""

import io
import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from torch import Tensor

from pipeline.errors.machine import UnusableFile
from pipeline.formatting import shortened

MOST_BYTES = 16 * 2**30
WRAPPERS = ("state_dict", "model_state_dict", "model", "weights")
"""Keys under which a training script may keep the state dict, next to an optimizer's and other facts."""
_ADDED = re.compile(r"(?:^|(?<=\.))_orig_mod\.")
"""What torch.compile adds to the names of what is inside a compiled module."""
_PARALLEL = "module."
"""What DataParallel and DistributedDataParallel put before all names."""


@dataclass(frozen=True)
class WeightsFile:
    """The tensors of a file, on the CPU, under the names that the layers of a plain module have.

    name: of the file. hash: SHA-256 of its content, in hex. network: the role of the network whose weights these are,
    as `export` writes it into a file of one network; "" if the file does not say.
    """

    name: str
    hash: str
    tensors: Mapping[str, Tensor]
    network: str = ""


def read_weights(path: Path) -> WeightsFile:
    """Read a file. Raises UnusableFile, which says why, if it is missing, or has anything but finite tensors."""
    content = _content(path)
    shown = shortened(str(path), 120)
    if not content:
        raise UnusableFile(shown, "read", "it is empty")
    # A safetensors file begins with the length of a JSON header; torch's files are zip archives, older ones pickles.
    if content[8:9] == b"{":
        loaded = _tensors(content, shown)
    elif content.startswith((b"PK", b"\x80")):
        loaded = _loaded(content, shown)
    else:
        raise UnusableFile(shown, "read", "it is neither a safetensors file nor a state dict saved by torch.save")
    tensors = {plain: tensor for name, tensor in _state_dict(loaded, shown).items() if (plain := _ADDED.sub("", name))}
    tensors = _of_checkpoint(tensors)
    while tensors and all(name.startswith(_PARALLEL) for name in tensors):
        tensors = {name.removeprefix(_PARALLEL): tensor for name, tensor in tensors.items()}
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise UnusableFile(shown, "read", f"its tensor {shortened(name, 80)} has values that are not finite")
    return WeightsFile(path.name, sha256(content).hexdigest(), tensors, _network(content))


def _content(path: Path) -> bytes:
    shown = shortened(str(path), 120)
    try:
        if path.is_dir():
            raise UnusableFile(shown, "read", "it is a folder; name a .safetensors or .pth file in it")
        if path.exists() and not path.is_file():
            raise UnusableFile(shown, "read", "it is not a file")
        if path.stat().st_size > MOST_BYTES:
            raise UnusableFile(shown, "read", f"it is larger than {MOST_BYTES >> 30} GiB")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnusableFile(shown, "read", reason.lower()) from None


def _of_checkpoint(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a run's own checkpoint, "raw/ROLE/NAME" and "ema/ROLE/NAME", as "ROLE.NAME": the averaged ones,
    where there are some. Other tensors as they are."""
    if not tensors or not all(name.startswith(("raw/", "ema/")) for name in tensors):
        return tensors
    in_order = sorted(tensors, key=lambda name: name.startswith("ema/"))
    return {name.split("/", 1)[1].replace("/", ".", 1): tensors[name] for name in in_order}


def _network(content: bytes) -> str:
    """The role in the metadata of a safetensors file; "" if there is none."""
    try:
        length = int.from_bytes(content[:8], "little")
        return str(json.loads(content[8 : 8 + length])["__metadata__"]["network"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def _tensors(content: bytes, shown: str) -> Mapping[str, Tensor]:
    try:
        return tensors_from_bytes(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise UnusableFile(shown, "read", "it is a damaged safetensors file") from error


def _loaded(content: bytes, shown: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch's reader of damaged files raises exceptions of many kinds
        reason = "it is damaged, or holds more than tensors and plain values, which could run code; save"
        raise UnusableFile(shown, "read", f"{reason} `model.state_dict()` alone") from error


def _state_dict(loaded: Any, shown: str) -> dict[str, Tensor]:
    """The state dict in what was loaded: itself, or one level below under a usual key."""
    if isinstance(loaded, Mapping):
        inside = next((loaded[key] for key in WRAPPERS if isinstance(loaded.get(key), Mapping)), loaded)
        found = {str(name): each for name, each in inside.items() if isinstance(each, Tensor) and _is_whole(each)}
        if found:
            return found
    raise UnusableFile(shown, "read", "it has no state dict: a mapping from names to tensors is expected")


def _is_whole(tensor: Tensor) -> bool:
    """Whether every value is in the file: a few bytes can claim to be a tensor of any size."""
    return tensor.layout == torch.strided and tensor.nbytes <= tensor.untyped_storage().nbytes()
