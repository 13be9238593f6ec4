"""Decides where a set's pixels are kept: on the device, or in host memory if they do not fit."""

import os
import re

import torch
from torch import Tensor

from pipeline.data.images import ImageSet, Streaming
from pipeline.errors.machine import UnusableValue
from pipeline.formatting import size

SHARE = 0.5
"""Share of the device's free memory that one set's pixels may take. Networks and activations need the rest."""

SETTING = "GENSCOPE_DATA_BUDGET"
"""Megabytes that one set's pixels may take on the device, overriding that share."""


def place(pixels: Tensor, labels: Tensor, device: torch.device | str) -> ImageSet:
    """A set for this device: resident on it if within its budget, otherwise streamed from where the pixels are.

    pixels: (N, C, H, W) uint8 in host memory or a mapped file. labels: (N,) int64. Raises UnusableValue if
    GENSCOPE_DATA_BUDGET is not a whole number.
    """
    device = torch.device(device)
    most = budget(device)
    if most is not None and pixels.nbytes > most:
        return ImageSet(pixels, labels.to(device), Streaming(device, most))
    return ImageSet(pixels.to(device), labels.to(device))


def budget(device: torch.device) -> int | None:
    """Bytes that one set's pixels may take on the device; None (no limit) for the CPU, where they are in memory
    anyway."""
    setting = os.environ.get(SETTING)
    if setting:
        if not re.fullmatch(r"[0-9]{1,9}", setting):
            raise UnusableValue(f"{SETTING} is {setting[:40]!r}; set it to a whole number of megabytes, or unset it.")
        return int(setting) * 1_000_000
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free * SHARE)
    return None


def streaming_reason(images: ImageSet) -> str:
    """A sentence that says that the set is streamed, and why; "" if it is resident."""
    if images.streaming is None:
        return ""
    if images.streaming.later:
        return f"Images are decoded while training, {images.streaming.later}."
    needed, available = size(images.pixels.nbytes), size(images.streaming.budget)
    return f"Images are streamed from memory: they take {needed}, and {images.device} has room for {available} of them."
