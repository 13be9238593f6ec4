"""Errors about networks whose features images are compared by."""

from pipeline.errors.base import Refusal


class NoFeatures(Refusal):
    """Features that cannot be made of these images. reason: a clause. remedy: what to do, a sentence."""

    def __init__(self, features: str, reason: str, remedy: str) -> None:
        super().__init__(f"The features {features!r} cannot be used: {reason}. {remedy}")


class UnknownWeights(Refusal):
    """A file that a user names as a network for features, which is none of the known ones. found: what is in it."""

    def __init__(self, path: str, found: str) -> None:
        super().__init__(
            f"{path} cannot be used for features: {found}. Name a file of weights of the Inception network of the FID "
            "(pt_inception-2015-12-05-6726825d.pth) or of DINOv2 (such as dinov2_vits14_pretrain.pth)."
        )
