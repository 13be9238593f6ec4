"""Features of the Inception network of the FID, from a file that the user names.

The network of Szegedy et al. 2015 (arXiv 1512.00567) as Heusel et al. 2017 (arXiv 1706.08500) used it in TensorFlow:
1,008 classes, averages that leave out the padding, and a maximum in place of the average in the last block. Resizing
and values are TensorFlow's too, so that distances are those of the FID: those of torch-fidelity, and nearly those of
pytorch-fid, which resizes as torch does. Features are the 2,048 averages after the last block.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models.inception import (
    BasicConv2d,
    Inception3,
    InceptionA,
    InceptionAux,
    InceptionB,
    InceptionC,
    InceptionD,
    InceptionE,
)

from pipeline.evaluation.features.preparation import colour
from pipeline.evaluation.features.signature import Features, Seen

DIMENSIONS, CLASSES = 2048, 1008
SIZE = 299
PART = 16
"""Images at once."""


def _average(images: Tensor) -> Tensor:
    return F.avg_pool2d(images, 3, 1, 1, count_include_pad=False)


class _BlockA(InceptionA):  # type: ignore[misc]
    def _forward(self, images: Tensor) -> list[Tensor]:
        return [*super()._forward(images)[:-1], self.branch_pool(_average(images))]


class _BlockC(InceptionC):  # type: ignore[misc]
    def _forward(self, images: Tensor) -> list[Tensor]:
        return [*super()._forward(images)[:-1], self.branch_pool(_average(images))]


class _BlockE(InceptionE):  # type: ignore[misc]
    def _forward(self, images: Tensor) -> list[Tensor]:
        return [*super()._forward(images)[:-1], self.branch_pool(_average(images))]


class _LastBlock(InceptionE):  # type: ignore[misc]
    def _forward(self, images: Tensor) -> list[Tensor]:
        return [*super()._forward(images)[:-1], self.branch_pool(F.max_pool2d(images, 3, 1, 1))]


BLOCKS = [BasicConv2d, _BlockA, InceptionB, _BlockC, InceptionD, _BlockE, InceptionAux]


def untrained() -> nn.Module:
    """The network: images (B, 3, SIZE, SIZE) in [-1, 1] -> logits (B, CLASSES)."""
    network: nn.Module = Inception3(CLASSES, aux_logits=False, inception_blocks=BLOCKS, init_weights=False)
    network.Mixed_7c = _LastBlock(DIMENSIONS)
    return network


def resized_as_by_tensorflow(images: Tensor, size: int) -> Tensor:
    """Images (B, C, H, W) in float -> (B, C, size, size): bilinear, with pixel i of the result at i H / size of the
    image, and no smoothing of images that shrink."""
    for axis in (2, 3):
        length = images.shape[axis]
        places = torch.arange(size, dtype=torch.float32, device=images.device) * (length / size)
        low = places.long()
        high = (low + 1).clamp(max=length - 1)
        share = (places - low).view(-1, 1) if axis == 2 else places - low
        first, second = images.index_select(axis, low), images.index_select(axis, high)
        images = first + (second - first) * share
    return images


def inception_features(weights: dict[str, Tensor], digest: str, device: str) -> Features:
    """The extractor with the weights of a file. Raises RuntimeError for tensors that are missing, too many or of other
    shapes, as torch says it."""
    network = untrained()
    # A dict of its own says no version, so that counters of batches, which files of pytorch-fid lack, are added.
    network.load_state_dict(dict(weights))
    network.fc = nn.Identity()
    network.to(device).eval().requires_grad_(False)

    def see(pixels: Tensor) -> Seen:
        parts = torch.split(pixels, PART)
        return Seen(torch.cat([network(_prepared(part.to(device))).cpu() for part in parts]))

    return Features(
        name="Inception of the FID",
        digest=digest,
        resize=f"bilinear as in TensorFlow 1, to {SIZE} × {SIZE}",
        dimensions=DIMENSIONS,
        see=see,
        inception=True,
    )


def _prepared(pixels: Tensor) -> Tensor:
    return (resized_as_by_tensorflow(colour(pixels).float(), SIZE) - 128) / 128
