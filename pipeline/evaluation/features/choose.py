"""Choose the features by name, or by what the images are."""

from pathlib import Path

from pipeline.data.progress import ReadProgress
from pipeline.evaluation.features.digits import digits_features
from pipeline.evaluation.features.signature import Features
from pipeline.evaluation.real_sets import RealSets


def choose(name: str, real: RealSets, home: Path, device: str, progress: ReadProgress) -> Features:
    return digits_features()
