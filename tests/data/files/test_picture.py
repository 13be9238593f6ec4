"""Decoding one picture file: every mode, and the messages for files that cannot be read."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.data.files import picture
from pipeline.data.files.picture import decode, read_file
from pipeline.errors.data import BrokenImage
from tests.data.files.pictures import encoded, noise, png, sixteen_bit_png, sixteen_bit_tiff


def reason(content: bytes) -> str:
    with pytest.raises(BrokenImage) as broken:
        decode(content)
    return broken.value.reason


def shown(content: bytes) -> Image.Image:
    """The decoded 8-bit image."""
    image = decode(content).image
    assert isinstance(image, Image.Image)
    return image


def only_pixel(content: bytes) -> tuple[int, ...]:
    """The corner of the decoded image."""
    corner = shown(content).getpixel((0, 0))
    return corner if isinstance(corner, tuple) else (int(corner or 0),)


def test_a_plain_picture_comes_back_as_it_was_with_its_size_and_mode() -> None:
    pixels = noise(5, 9)
    found = decode(encoded(Image.fromarray(pixels)))

    assert np.array_equal(np.asarray(found.image), pixels)
    assert (found.size, found.mode, found.animated) == ((5, 9), "RGB", False)


def test_a_palette_becomes_its_colours() -> None:
    image = Image.new("P", (2, 2), 1)
    image.putpalette([0, 0, 0, 10, 200, 30])

    assert only_pixel(encoded(image)) == (10, 200, 30)


def test_a_bilevel_picture_is_grey() -> None:
    found = decode(encoded(Image.new("1", (2, 2), 1)))

    assert isinstance(found.image, Image.Image)
    assert (found.image.mode, found.image.getpixel((0, 0))) == ("L", 255)


def test_cmyk_becomes_rgb() -> None:
    content = encoded(Image.new("CMYK", (4, 4), (0, 255, 255, 0)), "TIFF")

    assert (decode(content).mode, only_pixel(content)) == ("CMYK", (255, 0, 0))


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_a_picture_of_more_than_eight_bits_keeps_its_numbers(dtype: type[np.generic]) -> None:
    numbers = np.array([[0, 257, 32_896], [7, 65_535, 1]]).astype(dtype)
    found = decode(encoded(Image.fromarray(numbers), "TIFF")).image

    assert isinstance(found, np.ndarray) and found.dtype == dtype
    assert np.array_equal(found[..., 0], numbers)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("form", ["PNG", "packed TIFF", "TIFF"])
def test_sixteen_bit_colours_keep_both_bytes(form: str, channels: int) -> None:
    numbers = np.random.default_rng(0).integers(0, 65_536, (5, 7, channels), dtype=np.uint16)
    found = decode(
        sixteen_bit_png(numbers) if form == "PNG" else sixteen_bit_tiff(numbers, packed="packed" in form)
    ).image

    assert isinstance(found, np.ndarray)
    assert np.array_equal(found, numbers)


def test_sixteen_bit_grey_with_opacity_keeps_both_bytes() -> None:
    numbers = np.random.default_rng(0).integers(0, 65_536, (5, 7, 2), dtype=np.uint16)

    assert np.array_equal(decode(sixteen_bit_png(numbers)).image, numbers[..., [0, 0, 0, 1]])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_picture_with_a_value_that_is_no_number_is_broken(value: float) -> None:
    numbers = np.zeros((2, 2), np.float32)
    numbers[1, 0] = value

    assert reason(encoded(Image.fromarray(numbers), "TIFF")) == "it holds values that are no numbers (NaN or infinity)"


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGBA", (200, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (200, 0, 0, 255), (200, 0, 0)),
        ("RGBA", (0, 0, 0, 128), (127, 127, 127)),
        ("LA", (0, 0), (255,)),
    ],
)
def test_transparency_is_composited_on_white(mode: str, colour: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert only_pixel(encoded(Image.new(mode, (2, 2), colour))) == expected


def test_a_transparent_palette_entry_is_composited_on_white() -> None:
    image = Image.new("P", (2, 2), 1)
    image.putpalette([0, 0, 0, 10, 200, 30])

    assert only_pixel(encoded(image, transparency=1)) == (255, 255, 255)


def test_exif_orientation_is_applied_to_image_and_size() -> None:
    pixels = noise(4, 9)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter, as cameras held upright write it
    found = decode(encoded(Image.fromarray(pixels), exif=exif))

    assert found.size == (9, 4)
    assert np.array_equal(np.asarray(found.image), np.rot90(pixels, -1))


def test_the_first_frame_of_an_animation_is_used_and_flagged() -> None:
    first, second = Image.new("L", (4, 4), 10), Image.new("L", (4, 4), 200)
    content = encoded(first, "GIF", save_all=True, append_images=[second])

    found = decode(content)
    assert found.animated
    assert np.asarray(shown(content).convert("L")).max() == 10


def test_one_pixel_is_a_picture() -> None:
    assert decode(png(1, 1)).size == (1, 1)


def test_a_large_jpeg_is_decoded_smaller_and_keeps_its_size_and_looks() -> None:
    gradient = np.tile(np.arange(0, 256, dtype=np.uint8).repeat(8), (1024, 1))
    content = encoded(Image.fromarray(gradient), "JPEG")
    small = decode(content, side=32)

    assert small.size == (1024, 2048)
    assert isinstance(small.image, Image.Image) and 2 * 32 <= small.image.height < 1024
    whole = np.asarray(shown(content).resize((32, 32), Image.Resampling.BILINEAR), np.int16)
    assert np.abs(np.asarray(small.image.resize((32, 32), Image.Resampling.BILINEAR), np.int16) - whole).max() <= 3


def test_a_file_without_bytes_says_so() -> None:
    assert reason(b"") == "it is empty (0 bytes)"


@pytest.mark.parametrize("content", [b"just some text", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"])
def test_a_text_or_a_program_is_not_a_picture(content: bytes) -> None:
    assert reason(content) == "it is not a picture in a known format"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF"])
def test_a_truncated_picture_is_damaged_or_not_a_picture(form: str) -> None:
    content = encoded(Image.fromarray(noise(64, 64)), form)

    assert reason(content[: len(content) // 2]).startswith(("it is damaged (", "it is not a picture"))
    assert reason(content[:20]).startswith(("it is damaged (", "it is not a picture"))


def huge_png(side: int) -> bytes:
    """A PNG of a few bytes whose header promises side × side pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [9_000, 12_000, 30_000, 2**31 - 1])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(side: int) -> None:
    assert "80,000,000" in reason(huge_png(side))


def test_a_file_of_too_many_bytes_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MOST_FILE_BYTES", 10)
    (tmp_path / "a.png").write_bytes(bytes(11))

    with pytest.raises(BrokenImage, match="it has 11 bytes, more than the 10 allowed"):
        read_file(tmp_path / "a.png")


def test_a_pipe_never_blocks(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")

    with pytest.raises(BrokenImage, match="not a regular file"):
        read_file(tmp_path / "a.png")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")  # as outside tests: pytest sets its own filters
def test_damaged_exif_loses_only_the_orientation() -> None:
    content = encoded(Image.fromarray(noise(4, 6)), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")

    assert decode(content).size == (4, 6)


@given(st.binary(max_size=300), st.integers(0, 60))
def test_bytes_changed_in_the_middle_of_a_picture_never_raise_anything_else(piece: bytes, at: int) -> None:
    whole = png(6, 6)
    content = whole[:at] + piece + whole[at + len(piece) :]
    try:
        assert isinstance(decode(content).image, Image.Image | np.ndarray)
    except BrokenImage as broken:
        assert broken.reason and "\n" not in broken.reason


def test_only_pillow_formats_without_outside_programs_are_opened() -> None:
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "EPS")

    assert reason(content.getvalue()) == "it is not a picture in a known format"
