"""Features of a network whose weights a user has: the Inception network of the FID or DINOv2, told by their tensors."""

import hashlib
import pickle
from pathlib import Path

import torch
from torch import Tensor

from pipeline.errors.features import UnknownWeights
from pipeline.errors.machine import UnusableFile
from pipeline.evaluation.features import dinov2
from pipeline.evaluation.features.signature import Features

INCEPTION_MARK = "Mixed_7c.branch_pool.conv.weight"
"""The name of a tensor that only files of this network have."""


def features_from_file(path: Path, device: str) -> Features:
    """The extractor with the weights in a file, which cannot run code (`weights_only`).

    Raises UnusableFile, UnknownWeights.
    """
    weights = _weights(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    try:
        if INCEPTION_MARK in weights:
            from pipeline.evaluation.features.inception import inception_features  # torchvision takes a second

            return inception_features(weights, digest, device)
        if dinov2.MARK in weights:
            return dinov2.dinov2_features(weights, digest, device)
    except (KeyError, RuntimeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else " ".join(str(error).split())[:200]
        raise UnknownWeights(str(path), f"its tensors do not fit together ({reason})") from error
    first = ", ".join(list(weights)[:3])
    raise UnknownWeights(str(path), f"it holds {len(weights):,} tensors of another network ({first})")


def _weights(path: Path) -> dict[str, Tensor]:
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise UnusableFile(str(path), "read", (error.strerror or str(error)).lower()) from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise UnknownWeights(str(path), "it is no file of torch weights") from error
    if not isinstance(found, dict) or not all(isinstance(each, Tensor) for each in found.values()) or not found:
        raise UnknownWeights(str(path), "it holds something else than named tensors")
    return found
