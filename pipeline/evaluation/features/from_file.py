"""Features of a network whose weights a user has: the Inception network of the FID or DINOv2, told by their tensors."""

from pathlib import Path

from pipeline.errors.features import UnknownWeights
from pipeline.evaluation.features import dinov2
from pipeline.evaluation.features.signature import Features
from pipeline.training.weights_file import read_weights

INCEPTION_MARK = "Mixed_7c.branch_pool.conv.weight"
"""The name of a tensor that only files of this network have."""


def features_from_file(path: Path, device: str) -> Features:
    """The extractor with the weights in a file, which cannot run code (`weights_only`).

    Raises UnusableFile, UnknownWeights.
    """
    file = read_weights(path)
    weights, digest = dict(file.tensors), file.hash[:12]
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
