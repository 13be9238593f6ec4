"""An augmentation: the operations applied to images, and their strengths."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.augmentation.colour import random_colour
from pipeline.augmentation.draws import Probability, always
from pipeline.augmentation.pixel_operations import add_noise, cutout, flip
from pipeline.augmentation.resampling import resample, resampled_where_changed
from pipeline.augmentation.window import windows


@dataclass(frozen=True)
class Augmentation:
    """Strengths of all operations; an operation of strength 0 is not applied.

    horizontal_flip, vertical_flip: shares of images, 0 to 1. rotate: degrees. scale, translate, crop: shares of the
    side. brightness, contrast, saturation: largest relative change. cutout: share of the side. noise: standard
    deviation. All but the flips and the cutout are maxima, from which each image draws its own strength.
    """

    horizontal_flip: float = 0.0
    vertical_flip: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0
    translate: float = 0.0
    crop: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    cutout: float = 0.0
    noise: float = 0.0

    def apply(self, images: Tensor, random: torch.Generator, p: Probability = 1.0) -> Tensor:
        """Augment images (B, C, H, W) in [-1, 1], in the same memory format. Each image has its own draw of every
        operation, and each operation is applied with probability `p`.

        Colour and noise can leave [-1, 1]. The result is not clamped, because a clamped value passes no gradient.
        """
        layout = torch.channels_last if images.is_contiguous(memory_format=torch.channels_last) else None
        if self.horizontal_flip or self.vertical_flip:
            images = flip(images, random, p, self.horizontal_flip, self.vertical_flip)
        if self.rotate or self.scale or self.translate or self.crop:
            seen = windows(images, random, p, self.rotate, self.scale, self.translate, self.crop)
            # Translations are rounded to pixels and may be 0; rotating, scaling or cropping always changes an image a
            # little.
            every_one = always(p) and (self.rotate or self.scale or self.crop)
            images = resample(images, seen) if every_one else resampled_where_changed(images, seen)
        if self.brightness or self.contrast or self.saturation:
            images = random_colour(images, random, p, self.brightness, self.contrast, self.saturation)
        if self.cutout:
            images = cutout(images, random, p, self.cutout)
        if self.noise:
            images = add_noise(images, random, p, self.noise)
        return images.contiguous(memory_format=layout) if layout else images.contiguous()
