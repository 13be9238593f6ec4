"""Which features: by name, by file, or those that fit the images best."""

from pathlib import Path

from pipeline.data.progress import ReadProgress, no_progress
from pipeline.data.sets import DIGITS as DIGIT_NAMES
from pipeline.errors.features import NoFeatures
from pipeline.evaluation.features.digits import digits_features
from pipeline.evaluation.features.efficientnet import efficientnet_features
from pipeline.evaluation.features.from_file import features_from_file
from pipeline.evaluation.features.own import own_features
from pipeline.evaluation.features.signature import Features
from pipeline.training.parts import RealImages

NAMED = ("auto", "digits", "own", "efficientnet")


def choose(
    name: str, images: RealImages, home: Path, device: str = "cpu", progress: ReadProgress = no_progress
) -> Features:
    """The extractor for these images. name: one of NAMED, or the path of a file of weights.

    "auto" is "digits" for grey images in ten classes named 0 to 9 (the named sets mnist-5k, mnist and digits among
    them), else "efficientnet". progress: called while "own" is trained; may raise to stop it. Raises NoFeatures,
    UnknownWeights, UnusableFile, CannotWrite.
    """
    if name == "auto":
        name = "digits" if shows_digits(images) else "efficientnet"
    if name == "digits":
        return digits_features(device)
    if name == "own":
        return own_features(images, home, device, progress)
    if name == "efficientnet":
        return efficientnet_features(device, min(images.train.shape[1:]))
    path = Path(name).expanduser()
    if not path.is_file():
        known = ", ".join(NAMED)
        raise NoFeatures(name, "there is no such file", f"Name a file of weights, or one of {known}.")
    return features_from_file(path, device)


def shows_digits(images: RealImages) -> bool:
    """Whether the classifier of digits knows these images."""
    names = images.findings.class_names if images.findings else ()
    return images.train.shape[0] == 1 and tuple(names) == DIGIT_NAMES
