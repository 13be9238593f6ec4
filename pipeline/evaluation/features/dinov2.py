"""Features of DINOv2, from a file of Meta's weights that the user names: small, base, large or giant.

The vision transformer of Oquab et al. 2023 (arXiv 2304.07193): patches of 14 × 14 pixels, a class token, LayerScale.
Stein et al. 2023 (arXiv 2306.04675) found that distances of its features agree best with what people see. Features are
the normalised class token of images at 224 × 224 pixels.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.evaluation.features.efficientnet import DEVIATION, MEAN
from pipeline.evaluation.features.preparation import colour
from pipeline.evaluation.features.signature import Features, Seen

PATCH, SIZE, HEAD = 14, 224, 64
"""Pixels of a patch and of the image per side, channels of an attention head."""
OFFSET = 0.1
"""Added to the new number of patches per side where their positions are interpolated, as when DINOv2 was trained."""
PART = 16
"""Images at once."""
MARK = "blocks.0.ls1.gamma"
"""The name of a tensor that only files of this network have."""
NAMES = {384: "DINOv2 small", 768: "DINOv2 base", 1024: "DINOv2 large", 1536: "DINOv2 giant"}


class VisionTransformer:
    """A forward pass straight on the tensors of a file, under Meta's names: blocks, widths and kinds of layers are
    theirs, so that all four sizes, with and without register tokens, need no configuration."""

    def __init__(self, weights: dict[str, Tensor], device: str) -> None:
        """Raises KeyError with the name of a tensor that is missing."""
        self._weights = {name: tensor.to(device, torch.float32) for name, tensor in weights.items()}
        self.width = self._weights["cls_token"].shape[-1]
        self.depth = sum(name.endswith(".ls1.gamma") for name in weights)

    def __call__(self, images: Tensor) -> Tensor:
        """Normalised images (B, 3, H, W), H and W multiples of PATCH -> class tokens (B, width)."""
        patches = F.conv2d(images, *self._affine("patch_embed.proj"), stride=PATCH)
        positions = self._weights["pos_embed"]
        first = (self._weights["cls_token"] + positions[:, :1]).expand(len(images), -1, -1)
        tokens = patches.flatten(2).transpose(1, 2) + self._spread(positions[:, 1:], *patches.shape[2:])
        registers = [self._weights["register_tokens"]] if "register_tokens" in self._weights else []
        tokens = torch.cat([first, *(each.expand(len(images), -1, -1) for each in registers), tokens], 1)
        for number in range(self.depth):
            tokens = self._block(tokens, f"blocks.{number}")
        return self._norm(tokens[:, 0], "norm")

    def _spread(self, positions: Tensor, height: int, width: int) -> Tensor:
        """Positions of the patches of a square image (1, n², D) -> of height × width patches."""
        side = round(positions.shape[1] ** 0.5)
        if (height, width) == (side, side):
            return positions
        grid = positions.view(1, side, side, -1).permute(0, 3, 1, 2)
        scale = ((height + OFFSET) / side, (width + OFFSET) / side)
        found = F.interpolate(grid, scale_factor=scale, mode="bicubic")
        return found.permute(0, 2, 3, 1).reshape(1, height * width, -1)

    def _block(self, tokens: Tensor, name: str) -> Tensor:
        attended = self._attention(self._norm(tokens, f"{name}.norm1"), f"{name}.attn")
        tokens = tokens + attended * self._weights[f"{name}.ls1.gamma"]
        inner = self._norm(tokens, f"{name}.norm2")
        if f"{name}.mlp.w12.weight" in self._weights:
            gate, value = F.linear(inner, *self._affine(f"{name}.mlp.w12")).chunk(2, -1)
            made = F.linear(F.silu(gate) * value, *self._affine(f"{name}.mlp.w3"))
        else:
            made = F.gelu(F.linear(inner, *self._affine(f"{name}.mlp.fc1")))
            made = F.linear(made, *self._affine(f"{name}.mlp.fc2"))
        return tokens + made * self._weights[f"{name}.ls2.gamma"]

    def _attention(self, tokens: Tensor, name: str) -> Tensor:
        batch, count, width = tokens.shape
        parts = F.linear(tokens, *self._affine(f"{name}.qkv")).view(batch, count, 3, width // HEAD, HEAD)
        found = F.scaled_dot_product_attention(*parts.permute(2, 0, 3, 1, 4))
        return F.linear(found.transpose(1, 2).reshape(tokens.shape), *self._affine(f"{name}.proj"))

    def _affine(self, name: str) -> tuple[Tensor, Tensor]:
        return self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]

    def _norm(self, tokens: Tensor, name: str) -> Tensor:
        return F.layer_norm(tokens, (self.width,), *self._affine(name), eps=1e-6)


def dinov2_features(weights: dict[str, Tensor], digest: str, device: str) -> Features:
    """The extractor with the weights of a file. Raises KeyError or RuntimeError if they do not fit together."""
    network = VisionTransformer(weights, device)
    mean, deviation = (torch.tensor(each, device=device).view(3, 1, 1) for each in (MEAN, DEVIATION))

    def prepared(pixels: Tensor) -> Tensor:
        images = colour(pixels.to(device)).float() / 255
        if images.shape[-2:] != (SIZE, SIZE):
            images = F.interpolate(images, size=(SIZE, SIZE), mode="bicubic", antialias=True).clamp(0, 1)
        return (images - mean) / deviation

    def see(pixels: Tensor) -> Seen:
        return Seen(torch.cat([network(prepared(part)).cpu() for part in torch.split(pixels, PART)]))

    with torch.no_grad():
        see(torch.zeros(1, 3, SIZE, SIZE, dtype=torch.uint8))  # what does not fit fails here
    return Features(
        name=NAMES.get(network.width, "DINOv2"),
        digest=digest,
        resize=f"bicubic, antialiased, to {SIZE} × {SIZE}",
        dimensions=network.width,
        see=see,
    )
