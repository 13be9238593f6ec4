"""Reads images from tensors, datasets and data loaders, once, into training images and held-out images.

A tensor has shape (N, C, H, W) or (N, H, W) and holds uint8, or floats in [0, 1] or [-1, 1]; any value below 0 means
[-1, 1]. A Dataset yields images (C, H, W) or PIL pictures, alone or as (image, label). A DataLoader's dataset is read.
"""

from collections.abc import Callable, Sized
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from pipeline.data.progress import ReadProgress
from pipeline.data.split import held_out_mask
from pipeline.errors.training import UnfitImages
from pipeline.formatting import plain
from pipeline.graph.workflow import Json
from pipeline.nodes.python_objects import GivenImageSets

Given = Tensor | Dataset[Any] | DataLoader[Any]
MOST_HELD_OUT = 0.5
READING = "Reading images"


def read(given: Given, held_out: float, progress: ReadProgress, say: Callable[[str], None]) -> GivenImageSets:
    """Return the training images and the held-out images.

    held_out: the share of each class that training never sees. progress: called while a dataset is read. say: called
    with messages for the user. Raises UnfitImages, and what `progress` raises.
    """
    if not 0 <= held_out <= MOST_HELD_OUT:
        raise UnfitImages(f"cannot be split with held_out={held_out}: give a share from 0 to {MOST_HELD_OUT}.")
    if isinstance(given, DataLoader):
        say("Only the DataLoader's dataset is used. Set the batch size with training.batch_size.")
        given = given.dataset
    images, labels = (given, None) if isinstance(given, Tensor) else _items(given, progress)
    pixels = _pixels(images)
    numbers = torch.zeros(len(pixels), dtype=torch.int64) if labels is None else labels
    aside = torch.from_numpy(held_out_mask(numbers.numpy(), held_out))
    return GivenImageSets(pixels[~aside], numbers[~aside], pixels[aside], numbers[aside])


def facts(sets: GivenImageSets, given: Given) -> dict[str, Json]:
    """The parameters of the workflow's node that stands for these images."""
    _, channels, height, width = sets.pixels.shape
    labels = torch.cat([sets.labels, sets.held_out_labels])
    return {
        "made": type(given.dataset if isinstance(given, DataLoader) else given).__name__,
        "count": len(sets.pixels),
        "held_out": len(sets.held_out_pixels),
        # Labels that are all 0 say no more than no labels.
        "classes": int(labels.max()) + 1 if labels.any() else 0,
        "channels": channels,
        "height": height,
        "width": width,
    }


def _items(given: Any, progress: ReadProgress) -> tuple[Tensor, Tensor | None]:
    """The images of a dataset, stacked, and their labels (None if it has none)."""
    if not (isinstance(given, Sized) and hasattr(given, "__getitem__")):
        raise UnfitImages(
            f"are of type {type(given).__name__}: give a tensor, or a Dataset with __len__ and __getitem__."
        )
    count = len(given)
    images: list[Tensor] = []
    labels: list[int] = []
    for number in range(count):
        item = given[number]
        image, label = (item[0], item[1] if len(item) > 1 else None) if isinstance(item, tuple | list) else (item, None)
        images.append(_image(image, number))
        if label is not None:
            labels.append(_label(label, number))
        if number % 256 == 0 or number == count - 1:
            progress(READING, number + 1, count)
    shapes = sorted({tuple(image.shape) for image in images})
    if len(shapes) > 1:
        raise UnfitImages(f"have several shapes, such as {shapes[0]} and {shapes[-1]}: resize them to one shape.")
    if len({image.dtype for image in images}) > 1:
        raise UnfitImages("have several dtypes: convert all of them to uint8, or all to one float type.")
    if labels and len(labels) < count:
        raise UnfitImages("have labels only in part: label all of them, or none.")
    stacked = torch.stack(images) if images else torch.empty(0, 1, 1, 1)
    return stacked, torch.tensor(labels) if labels else None


def _image(image: Any, number: int) -> Tensor:
    if isinstance(image, Image.Image):
        pixels = np.asarray(image.convert("L" if image.mode in ("1", "L", "I;16") else "RGB"))
        return torch.from_numpy(np.atleast_3d(pixels).transpose(2, 0, 1).copy())
    if not isinstance(image, Tensor):
        raise UnfitImages(f"have a {type(image).__name__} at index {number}: give tensors (C, H, W) or PIL pictures.")
    return image[None] if image.ndim == 2 else image


def _label(label: Any, number: int) -> int:
    single = isinstance(label, np.generic) or (isinstance(label, Tensor) and label.numel() == 1)
    value = label.item() if single else label
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UnfitImages(
            f"have the label {str(label)[:40]!r} at index {number}: labels must be whole numbers from 0 up."
        )
    return value


def _pixels(images: Tensor) -> Tensor:
    """A copy as (N, C, H, W) uint8 in host memory."""
    images = images.detach().cpu()
    if images.ndim == 3:
        images = images[:, None]
    if images.ndim != 4 or not images.numel():
        raise UnfitImages(f"have shape {tuple(images.shape)}: give (N, C, H, W).")
    if images.shape[1] not in (1, 3):
        raise UnfitImages(f"have {images.shape[1]} channels: give 1 (grey) or 3 (colour), as (N, C, H, W).")
    if images.dtype == torch.uint8:
        return images.clone(memory_format=torch.contiguous_format)
    if not images.is_floating_point():
        raise UnfitImages(f"have dtype {images.dtype}: give uint8 from 0 to 255, or floats in [0, 1] or [-1, 1].")
    if not images.isfinite().all():
        raise UnfitImages("contain NaN or infinite values.")
    low, high = images.min().item(), images.max().item()
    if low < -1 or high > 1:
        raise UnfitImages(
            f"have values from {plain(low)} to {plain(high)}: give floats in [0, 1] or [-1, 1], or uint8 from 0 to 255."
        )
    brightness = (images + 1) / 2 if low < 0 else images
    return (brightness * 255).round_().to(torch.uint8)
