"""The UNet node of diffusion models."""

import math
import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from pipeline.formatting import listed
from pipeline.graph.node import Category, Link, Misfit, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.networks.module_node import ModuleNode
from pipeline.nodes.ports import DenoiserPort, TensorsPort

if TYPE_CHECKING:
    from torch import Tensor, nn

    from pipeline.families.diffusion.latents import LatentsPart
    from pipeline.families.diffusion.parts import DenoiserPart
    from pipeline.training.parts import RealImages

GROUPS = 8
"""Channels are multiples of it, because they are normalized in so many groups (`pipeline/models/unet.py`)."""


def _numbers(text: str) -> tuple[int, ...]:
    """Parse `"32, 64"` into (32, 64); "" into ()."""
    return tuple(int(part) for part in text.split(",") if part.strip())


def _widths(text: str) -> str:
    if not re.fullmatch(r"\s*[0-9]{1,4}\s*(,\s*[0-9]{1,4}\s*){0,5}", text):
        raise ValueError("not a list of at most six widths such as 32,64")
    if any(not 1 <= each <= 2048 or each % GROUPS for each in _numbers(text)):
        raise ValueError(f"not a list of multiples of {GROUPS} up to 2,048")
    return text


def _sides(text: str) -> str:
    if not re.fullmatch(r"\s*([0-9]{1,3}\s*(,\s*[0-9]{1,3}\s*){0,5})?", text):
        raise ValueError("not a list of at most six sizes such as 16,8")
    return text


class UNetDenoiser(ModuleNode):
    """Network that predicts what noise has done to an image: a UNet with residual blocks and skip connections.

    Each level halves the feature maps; the way up sees what the way down has made. Self-attention at small feature maps
    lets distant parts of an image agree.
    """

    title: ClassVar[str] = "UNet"
    category: ClassVar[Category] = "denoiser"
    outputs: ClassVar[tuple[type[Port], ...]] = (DenoiserPort,)

    images: Annotated[
        Link,
        TensorsPort,
        Field(description="The images or latents to learn. The network takes its size and channels from them."),
    ]
    conditional: Annotated[
        bool, Field(description="Tell the network the class of each image, so that images of a class can be made.")
    ] = False
    channels: Annotated[
        str,
        AfterValidator(_widths),
        Field(
            description="Comma-separated feature maps (channels) of each level, from the largest down; multiples of 8."
        ),
        Param(key=True),
    ] = "32,64"
    blocks: Annotated[int, Field(ge=1, le=8, description="Residual blocks of each level."), Param(key=True)] = 1
    attention: Annotated[
        str,
        AfterValidator(_sides),
        Field(
            description="Comma-separated heights of the feature maps, in patches, at which every place sees all others."
        ),
        Param(label="Self-attention at"),
    ] = ""
    patch: Annotated[
        int,
        Field(
            ge=1,
            le=8,
            description="Side of the square patches that become the channels of one place: 2 makes a step about four "
            "times as fast, and details a little worse.",
        ),
        Param(key=True, label="Patch size"),
    ] = 1
    dropout: Annotated[
        float,
        Field(ge=0, le=0.9, description="Probability with which a feature is dropped during training."),
        Param(step=0.05),
    ] = 0.0

    def infer(self, images: TensorsPort) -> DenoiserPort:
        _, height, width = images.shape
        if self.conditional and images.classes < 2:
            raise Misfit(
                "A conditional denoiser needs labelled images of at least two classes, which these are not; turn "
                "conditional off, or choose labelled images.",
                field="conditional",
                value=False,
            )
        if height % self.patch or width % self.patch:
            raise Misfit(
                f"Patches of {self.patch} pixels do not fit into images of {height}×{width}; set the patch size to 1.",
                field="patch",
                value=1,
            )
        sides = self._heights(height)
        if wrong := [each for each in _numbers(self.attention) if each not in sides]:
            raise Misfit(
                f"Self-attention is set to {listed(map(str, wrong))}, but the feature maps of this network have "
                f"heights {listed(map(str, sides))}; choose some of these, or none.",
                field="attention",
                value=str(sides[-1]),
            )
        self._require_features(sides, self._heights(width))
        return DenoiserPort(None, images.shape, images, images.classes if self.conditional else 0)

    def _require_features(self, heights: list[int], widths: list[int]) -> None:
        """Raises Misfit if a level normalizes each number by itself, which makes all of them 0."""
        channels = _numbers(self.channels)
        # A level also normalizes what it gets from the level before.
        entering = [channels[0], *channels]
        for level, places in enumerate(zip(heights, widths, strict=True)):
            if places == (1, 1) and min(entering[level : level + 2]) == GROUPS:
                raise Misfit(
                    f"Level {level + 1} of this network sees one place, where {GROUPS} channels are each normalized by "
                    f"itself and so all become 0; give every level {2 * GROUPS} channels or more, or use fewer levels "
                    "or smaller patches.",
                    field="channels",
                    value=",".join(str(max(each, 2 * GROUPS)) for each in channels),
                )

    def _heights(self, height: int) -> list[int]:
        """The heights of the feature maps of each level, in patches."""
        heights = [height // self.patch]
        for _ in _numbers(self.channels)[1:]:
            heights.append(math.ceil(heights[-1] / 2))
        return heights

    def module(self, port: Any) -> "nn.Module":
        from pipeline.models.unet import UNet

        return UNet(
            port.image_shape,
            _numbers(self.channels),
            self.blocks,
            _numbers(self.attention),
            port.classes,
            self.patch,
            self.dropout,
        )

    def example(self, port: Any) -> "tuple[Tensor, ...]":
        import torch

        inputs = (torch.randn(2, *port.image_shape), torch.rand(2))
        return (*inputs, torch.zeros(2, dtype=torch.int64)) if port.classes else inputs

    def build(self, building: Building, images: "RealImages | LatentsPart") -> "DenoiserPart":
        from pipeline.families.diffusion.latents import LatentsPart, with_scale
        from pipeline.families.diffusion.parts import DenoiserPart

        network = self.built(building)
        if isinstance(images, LatentsPart):
            classes = images.images.classes if self.conditional else 0
            return DenoiserPart(building.node_id, with_scale(network), images.images, classes, images)
        return DenoiserPart(building.node_id, network, images, images.classes if self.conditional else 0)
