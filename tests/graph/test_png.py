import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from pipeline.graph.png import LONGEST_TEXT, SIGNATURE, InvalidPNG, texts, width_at


def picture(**written: str) -> bytes:
    """A small PNG written by Pillow with these texts."""
    info = PngImagePlugin.PngInfo()
    for keyword, text in written.items():
        info.add_text(keyword, text)
    out = BytesIO()
    Image.new("L", (4, 4)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_the_width_at_a_height_keeps_the_shape():
    out = BytesIO()
    Image.new("L", (300, 120)).save(out, "PNG")
    assert (width_at(out.getvalue(), 60), width_at(out.getvalue(), 240)) == (150, 600)


def test_texts_that_pillow_wrote_are_read():
    assert texts(picture(prompt="{}", training="ü")) == {"prompt": "{}", "training": "ü"}


def test_compressed_and_unicode_texts_are_read():
    info = PngImagePlugin.PngInfo()
    info.add_text("packed", "p" * 500, zip=True)
    info.add_itxt("unicode", "雪", lang="zh", tkey="雪")
    info.add_itxt("both", "雪" * 200, zip=True)
    out = BytesIO()
    Image.new("L", (4, 4)).save(out, "PNG", pnginfo=info)
    assert texts(out.getvalue()) == {"packed": "p" * 500, "unicode": "雪", "both": "雪" * 200}


def test_a_text_that_unpacks_to_more_than_the_limit_is_refused():
    bomb = zlib.compress(b"a" * (LONGEST_TEXT + 1))
    assert len(bomb) < 10_000
    with pytest.raises(InvalidPNG, match="longer than"):
        texts(SIGNATURE + chunk(b"zTXt", b"prompt\0\0" + bomb) + chunk(b"IEND", b""))


def test_texts_of_a_picture_that_claims_to_be_huge_are_read():
    header = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 6, 0, 0, 0)
    huge = SIGNATURE + chunk(b"IHDR", header) + chunk(b"tEXt", b"prompt\0{}") + chunk(b"IEND", b"")
    assert texts(huge) == {"prompt": "{}"}


def test_a_damaged_picture_is_refused():
    whole = bytearray(picture(prompt="{}"))
    whole[whole.index(b"prompt") + 7] ^= 1
    with pytest.raises(InvalidPNG, match="damaged"):
        texts(bytes(whole))


@given(st.integers(0, len(picture(prompt="{}")) - 1))
def test_a_picture_cut_off_anywhere_is_refused(length):
    with pytest.raises(InvalidPNG):
        texts(picture(prompt="{}")[:length])


@given(st.binary(max_size=200))
def test_any_bytes_raise_only_damaged_picture(content):
    for start in (b"", SIGNATURE, SIGNATURE + chunk(b"iTXt", content), SIGNATURE + chunk(b"zTXt", b"k\0\0" + content)):
        with pytest.raises(InvalidPNG):
            texts(start + content)
