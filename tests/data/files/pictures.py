"""Picture files of every kind, made for tests."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """The image encoded as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    """(height, width, channels) of random shades; (height, width) for one channel."""
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def png(height: int = 8, width: int = 8, channels: int = 3, seed: int = 0) -> bytes:
    return encoded(Image.fromarray(noise(height, width, channels, seed)))


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Write these files into a folder, with the subfolders that their names need."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def sixteen_bit_png(numbers: NDArray[np.uint16]) -> bytes:
    """A PNG of 16 bits per channel. numbers: (height, width, 1, 2, 3 or 4)."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    height, width, channels = numbers.shape
    header = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in numbers)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def sixteen_bit_tiff(numbers: NDArray[np.uint16], *, packed: bool = True) -> bytes:
    """A little-endian TIFF of 16 bits per channel. numbers: (height, width, 3 or 4)."""
    height, width, channels = numbers.shape
    content = numbers.astype("<u2").tobytes()
    content = zlib.compress(content) if packed else content
    depths = 8 + 2 + 9 * 12 + 4
    strip = depths + 2 * channels
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, depths), (259, 3, 1, 8 if packed else 1),
        (262, 3, 1, 2), (273, 4, 1, strip), (277, 3, 1, channels), (278, 4, 1, height), (279, 4, 1, len(content)),
    ]  # fmt: skip
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<H", 16) * channels + content
