"""Draw images, or encode and decode some, and write them to files. Copied into every standalone file."""

import struct
import zlib
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.images import to_array, to_float, to_pixels
from pipeline.data.value_range import ValueRange
from pipeline.training.inference import BATCH
from pipeline.training.sampler import batch_with
from pipeline.training.streams import Streams, streams

Pixels = NDArray[np.uint8]


@torch.no_grad()
def sample(
    draw: Callable[[Streams, int | None], Tensor],
    count: int,
    values: ValueRange,
    seed: int = 0,
    label: int | None = None,
    device: str = "cpu",
) -> Pixels:
    """Images 0 to `count` − 1 of a seed, (N, H, W, C) uint8, of the class `label` or of every class in turn."""
    made: list[Tensor] = []
    first = 0
    while first < count:
        # An image is made in the same row of the same batch for every count, so that it rounds equally.
        _, size = batch_with(first)
        images = draw(streams(seed, size, device, first=first), label).float()
        made.append(to_pixels(images[: count - first], values))
        first += size
    return to_array(torch.cat(made))


@torch.no_grad()
def decode_encoded(code: Callable[[Tensor], Tensor], pixels: Pixels, values: ValueRange, device: str = "cpu") -> Pixels:
    """Images (N, H, W, C) uint8, encoded and decoded."""
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()
    made = [to_pixels(code(to_float(batch.to(device), values)), values) for batch in torch.split(images, BATCH)]
    return to_array(torch.cat(made))


def grid_png(images: Pixels) -> bytes:
    """Images (N, H, W, C) uint8, C 1 or 3, side by side on a nearly square sheet, as PNG."""
    count, height, width, channels = images.shape
    columns = ceil(sqrt(count))
    rows = ceil(count / columns)
    sheet = np.zeros((rows * columns, height, width, channels), np.uint8)
    sheet[:count] = images
    pixels = sheet.reshape(rows, columns, height, width, channels).swapaxes(1, 2).reshape(rows * height, -1)
    # Every line of a PNG begins with the number of its filter, here 0 for none.
    lines = np.insert(pixels, 0, 0, axis=1).tobytes()
    header = struct.pack(">IIBBBBB", columns * width, rows * height, 8, {1: 0, 3: 2}[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def write_images(images: Pixels, path: Path) -> None:
    """Write images (N, H, W, C) uint8 to a .png file, as a grid, or to an .npz file, as the array `images`."""
    if path.suffix == ".npz":
        np.savez_compressed(path, images=images)
    else:
        path.write_bytes(grid_png(images))


def command_line(model: Any, weights: Path, values: ValueRange, classes: Sequence[str]) -> None:
    """Draw images with a model, or reconstruct some if it has a method `reconstruct`, as the command's options say."""
    parser = ArgumentParser()
    parser.add_argument("--count", type=int, default=16, help="number of images (default: 16)")
    parser.add_argument("--seed", type=int, default=0, help="equal seeds draw equal images (default: 0)")
    if classes:
        parser.add_argument("--class", dest="label", choices=classes, help="of this class (default: each in turn)")
    if hasattr(model, "reconstruct"):
        parser.add_argument("--reconstruct", type=Path, help="an .npy file of images, uint8 (N, H, W, C), to decode")
    parser.add_argument("--out", type=Path, default=Path("samples.png"), help="a .png or an .npz file")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps; equal pixels are drawn on equal devices")
    chosen = parser.parse_args()
    if chosen.count < 1 or not 0 <= chosen.seed < 2**63:
        parser.error("--count must be 1 or more, and --seed from 0 to 2**63 - 1")
    if chosen.out.suffix not in (".png", ".npz"):
        parser.error("--out must end in .png or .npz")
    try:
        model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        model = model.eval().to(chosen.device)
        source = getattr(chosen, "reconstruct", None)
        if source is not None:
            images = decode_encoded(model.reconstruct, np.load(source), values, chosen.device)
        else:
            name = getattr(chosen, "label", None)
            label = None if name is None else list(classes).index(name)
            images = sample(model.draw, chosen.count, values, chosen.seed, label, chosen.device)
        write_images(images, chosen.out)
    except (OSError, EOFError, RuntimeError, TypeError, ValueError) as error:
        parser.error(f"{type(error).__name__}: {error}")
