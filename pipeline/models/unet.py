"""The UNet of diffusion models: from noisy images, times and classes to a prediction of the same shape.

Ho et al. 2020 (arXiv 2006.11239), with embeddings that scale and shift the features (Dhariwal & Nichol 2021,
arXiv 2105.05233) and patches folded into channels (Luhman & Luhman 2022, arXiv 2207.04316). Going down, each level has
residual blocks, and the next has half the height and width; going up, each block also sees what its counterpart on the
way down has made.
"""

import math
from collections.abc import Collection, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

GROUPS = 8
"""Groups of each normalization; every number of channels is a multiple of it."""
TIMES = 1000.0
"""Times in [0, 1] are embedded as if there were so many of them."""
HEAD = 32
"""Channels of an attention head."""


class UNet(nn.Module):
    """A denoising network, which may be conditional on a class.

    Called with noisy images (B, C, H, W), their times (B,) in [0, 1] and, if conditional, labels (B,) int64; label
    `classes` means no class. Returns (B, C, H, W); all zeros before training.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        widths: Sequence[int] = (32, 64),
        blocks: int = 1,
        attention: Collection[int] = (),
        classes: int = 0,
        patch: int = 1,
        dropout: float = 0.0,
    ) -> None:
        """shape: (C, H, W) of the images; `patch` divides H and W. widths: channels of each level, from the largest
        image down. blocks: residual blocks of a level. attention: heights of the feature maps, in patches, at which
        each block is followed by self-attention. dropout: probability in the blocks."""
        super().__init__()
        channels, height, width = shape
        if height % patch or width % patch:
            raise ValueError(f"patches of {patch} do not fit into images of {height}×{width}")
        self.classes, self.patch, self.width = classes, patch, widths[0]
        self._made_with = (
            f"{tuple(shape)}, {tuple(widths)}, blocks={blocks}, attention={tuple(attention)}, classes={classes}, "
            f"patch={patch}, dropout={dropout}"
        )
        inside = channels * patch**2
        embedded = 4 * widths[0]
        self.time = nn.Sequential(nn.Linear(widths[0], embedded), nn.SiLU(), nn.Linear(embedded, embedded))
        self.label = nn.Embedding(classes + 1, embedded) if classes else None
        self.first = nn.Conv2d(inside, widths[0], 3, padding=1)

        heights = [height // patch]
        for _ in widths[1:]:
            heights.append(math.ceil(heights[-1] / 2))
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        now, skips = widths[0], []
        for level, wide in enumerate(widths):
            if level:
                self.down.append(Halve(now))
            for _ in range(blocks):
                self.down.append(Block(now, wide, embedded, dropout, attends=heights[level] in attention))
                now = wide
                skips.append(now)
        self.middle = Block(now, now, embedded, dropout, attends=heights[-1] in attention)
        for level, wide in reversed(list(enumerate(widths))):
            for _ in range(blocks):
                attends = heights[level] in attention
                self.up.append(Block(now + skips.pop(), wide, embedded, dropout, attends=attends))
                now = wide
            if level:
                self.up.append(Double(now))
        self.last = nn.Sequential(nn.GroupNorm(GROUPS, now), nn.SiLU(), _zero(nn.Conv2d(now, inside, 3, padding=1)))

    def made_with(self) -> str:
        """The arguments that it was made with, as source."""
        return self._made_with

    def forward(self, noisy: Tensor, times: Tensor, labels: Tensor | None = None) -> Tensor:
        """Predict, for noisy images (B, C, H, W) at times (B,). Raises ValueError without the labels of a conditional
        network."""
        embedding = self.time(embed_times(times, self.width))
        if self.label is not None:
            if labels is None:
                raise ValueError("a conditional network needs labels")
            embedding = embedding + self.label(labels)
        values = self.first(F.pixel_unshuffle(noisy, self.patch))
        made = []
        for layer in self.down:
            values = layer(values, embedding)
            if isinstance(layer, Block):
                made.append(values)
        values = self.middle(values, embedding)
        for layer in self.up:
            if isinstance(layer, Double):
                values = layer(values, made[-1].shape[-2:])
            else:
                values = layer(torch.cat([values, made.pop()], 1), embedding)
        return F.pixel_shuffle(self.last(values), self.patch)


class Block(nn.Module):
    """A residual block that the embedding scales and shifts, followed by self-attention if it `attends`."""

    def __init__(self, inside: int, outside: int, embedded: int, dropout: float, *, attends: bool) -> None:
        super().__init__()
        self.first_norm, self.second_norm = nn.GroupNorm(GROUPS, inside), nn.GroupNorm(GROUPS, outside)
        self.first = nn.Conv2d(inside, outside, 3, padding=1)
        self.modulate = nn.Linear(embedded, 2 * outside)
        self.drop = nn.Dropout(dropout)
        self.second = _zero(nn.Conv2d(outside, outside, 3, padding=1))
        self.past = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()
        self.attention = Attention(outside) if attends else nn.Identity()

    def forward(self, values: Tensor, embedding: Tensor) -> Tensor:
        inner = self.first(F.silu(self.first_norm(values)))
        scale, shift = self.modulate(F.silu(embedding))[:, :, None, None].chunk(2, 1)
        inner = F.silu(torch.addcmul(shift, self.second_norm(inner), 1 + scale))
        attended: Tensor = self.attention(self.past(values) + self.second(self.drop(inner)))
        return attended


class Attention(nn.Module):
    """Every place of a feature map (B, C, H, W) attends to all others; added to the map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, channels)
        self.heads = max(1, channels // HEAD)
        self.ask = nn.Conv2d(channels, 3 * channels, 1)
        self.answer = _zero(nn.Conv2d(channels, channels, 1))

    def forward(self, values: Tensor) -> Tensor:
        rows = self.ask(self.norm(values)).flatten(2)
        query, key, value = (each.unflatten(1, (self.heads, -1)).transpose(2, 3) for each in rows.chunk(3, 1))
        found = F.scaled_dot_product_attention(query, key, value).transpose(2, 3).reshape(values.shape)
        answered: Tensor = self.answer(found)
        return values + answered


class Halve(nn.Module):
    """Half the height and width, rounded up."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, values: Tensor, _embedding: Tensor) -> Tensor:
        halved: Tensor = self.convolution(values)
        return halved


class Double(nn.Module):
    """Enlarge to a size about twice as large, by repeating values."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, values: Tensor, size: torch.Size) -> Tensor:
        doubled: Tensor = self.convolution(F.interpolate(values, size=tuple(size), mode="nearest"))
        return doubled


def embed_times(times: Tensor, width: int) -> Tensor:
    """Sines and cosines of TIMES · t at frequencies from 1 to 1/10,000: (B,) in [0, 1] -> (B, width); Vaswani et al.
    2017 (arXiv 1706.03762), section 3.5."""
    half = width // 2
    frequencies = torch.exp(-math.log(10_000.0) * torch.arange(half, device=times.device) / half)
    angles = TIMES * times.float()[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], 1)


def _zero(convolution: nn.Conv2d) -> nn.Conv2d:
    """The layer with all weights 0, so that what it is added to passes through unchanged at first."""
    nn.init.zeros_(convolution.weight)
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
    return convolution
