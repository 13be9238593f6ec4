"""Formats of picture files: every ending that Pillow can decode by itself, and none that would start a program."""

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from pipeline.data.files.archive import ZipSource
from pipeline.data.files.folder import FolderSource
from pipeline.data.files.formats import BY_CONTENT, BY_ENDING, ENDINGS, endings, formats
from pipeline.data.files.opening import open_source
from pipeline.data.files.picture import decode
from pipeline.data.files.reading import read
from pipeline.data.files.shades_0_3 import ENDINGS_0_3
from pipeline.data.fitting import Preparation
from pipeline.data.uploads import ENDINGS as UPLOADED
from pipeline.data.uploads import Uploaded, group_files
from pipeline.errors.data import BrokenImage, UnusableSource
from tests.data.files.pictures import encoded, noise, write

NEVER = (".eps", ".ps", ".pdf", ".wmf", ".emf", ".svg", ".fits", ".h5", ".mpg")
LOSSY = {"JPEG", "JPEG2000", "WEBP", "AVIF", "GIF", "MPO"}

Image.init()
WRITABLE = sorted(
    (form, ending)
    for ending, form in Image.registered_extensions().items()
    if ending in ENDINGS and form in Image.SAVE and ending not in (".pfm", ".pbm", ".pgm", ".xbm", ".msp")
)
"""Every ending that can be tried with a colour picture, or a palette of it."""


def reason(content: bytes, name: str) -> str:
    with pytest.raises(BrokenImage) as broken:
        decode(content, name=name)
    return broken.value.reason


def colours(form: str) -> bytes:
    """A smooth picture of 32×32 in this format."""
    shades = np.linspace(0, 255, 32).astype(np.uint8)
    pixels = np.stack(
        [np.tile(shades, (32, 1)), np.tile(shades[:, None], (1, 32)), np.full((32, 32), 99, np.uint8)], -1
    )
    image = Image.fromarray(pixels)
    return encoded(image.quantize(64) if form in ("BLP", "GIF") else image, form)


@pytest.mark.parametrize(("form", "ending"), WRITABLE)
def test_every_ending_that_pillow_decodes_is_read(form: str, ending: str, tmp_path: Path) -> None:
    path = write(tmp_path, {f"a{ending}": colours(form), f"B{ending.upper()}": colours(form)})
    with open_source(path) as source:
        found = read(source, Preparation(32))

    assert (len(found.pixels), found.broken, found.notes) == (2, (), ())
    assert abs(float(found.pixels[0, 0].mean()) - 127.5) < 12


@pytest.mark.parametrize(
    ("ending", "mode"), [(".xbm", "1"), (".msp", "1"), (".pbm", "1"), (".pgm", "L"), (".pfm", "F")]
)
def test_formats_without_colour_are_read(ending: str, mode: str, tmp_path: Path) -> None:
    image = Image.fromarray(np.tile(np.linspace(0, 1, 16, dtype=np.float32), (16, 1)))
    image = image if mode == "F" else Image.fromarray((np.asarray(image) * 255).astype(np.uint8)).convert(mode)
    form = Image.registered_extensions()[ending]
    with open_source(write(tmp_path, {f"a{ending}": encoded(image, form)})) as source:
        found = read(source, Preparation(16))

    assert (int(found.pixels.min()), int(found.pixels.max())) == (0, 255)


def test_the_known_endings_are_pillows() -> None:
    registered = {ending: form for ending, form in Image.registered_extensions().items() if ending in ENDINGS}

    for form, own in {**BY_CONTENT, **BY_ENDING}.items():
        for ending in own:
            assert registered.get(ending, form) in (form, "MPO"), ending


@pytest.mark.parametrize("ending", NEVER)
def test_formats_that_draw_start_programs_or_unpack_without_a_limit_are_passed_over(
    ending: str, tmp_path: Path
) -> None:
    write(tmp_path, {"a.png": encoded(Image.fromarray(noise(4, 4))), f"b{ending}": b"anything"})

    assert FolderSource(tmp_path).notes == ("1 file is not named like a picture.",)
    assert not {"EPS", "PDF", "WMF", "FITS", "HDF5", "MPEG", "BUFR", "GRIB"} & {*BY_CONTENT, *BY_ENDING}


def test_a_postscript_file_with_a_pictures_ending_is_not_run() -> None:
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "EPS")

    for name in ("a.png", "a.tga", "a.eps"):
        assert reason(content.getvalue(), name) == "it is not a picture in a known format"


def test_a_format_without_a_beginning_of_its_own_is_tried_with_its_ending_alone() -> None:
    content = encoded(Image.fromarray(noise(8, 8)), "TGA")

    assert decode(content, name="a.TGA").size == (8, 8)
    assert reason(content, "a.png") == "it is not a picture in a known format"


@pytest.mark.parametrize("ending", [".tga", ".jpg", ".ico", ".pcx", ".avif"])
def test_a_file_with_a_wrong_ending_opens_by_its_content(ending: str) -> None:
    pixels = noise(8, 8)

    assert np.array_equal(np.asarray(decode(encoded(Image.fromarray(pixels)), name=f"a{ending}").image), pixels)


@pytest.mark.parametrize(("form", "ending", "feature"), [("AVIF", ".avif", "avif"), ("JPEG2000", ".jp2", "jpg_2000")])
def test_a_format_that_pillow_was_built_without_is_named(
    form: str, ending: str, feature: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "check", lambda name: name != feature)

    assert reason(b"\0\0\0 something unknown", f"a{ending}") == f"Pillow on this machine was built without {form}"
    assert reason(b"\0\0\0 something unknown", "a.png") == "it is not a picture in a known format"


@pytest.mark.parametrize(("form", "ending"), [("TGA", ".tga"), ("JPEG2000", ".jp2"), ("PCX", ".pcx"), ("SGI", ".sgi")])
def test_too_many_pixels_are_refused_in_every_format(form: str, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.data.files.picture.MOST_PIXELS", 1_000)

    assert "more than the 1,000 allowed" in reason(encoded(Image.fromarray(noise(40, 40)), form), f"a{ending}")


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_a_file_of_rubbish_is_broken_whatever_its_ending(ending: str) -> None:
    random = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for size in (1, 20, 600):
            assert reason(random.bytes(size), f"a{ending}")
            assert reason(bytes(size), f"a{ending}")


def test_an_animated_png_contributes_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("L", (8, 8), shade) for shade in (10, 200)]
    content = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    with open_source(write(tmp_path, {"a.apng": content})) as source:
        found = read(source, Preparation(8))

    assert found.notes == ("Only the first frame of 1 animated images is used.",)
    assert int(found.pixels.max()) == 10


def test_files_of_version_0_3_are_those_that_it_knew() -> None:
    assert endings("0.3") == ENDINGS_0_3 < endings()
    assert "TGA" not in formats("a.tga", "0.3") and "AVIF" not in formats("a.avif", "0.3")


def test_uploads_and_zips_take_the_same_endings(tmp_path: Path) -> None:
    import zipfile

    assert {ending[1:] for ending in ENDINGS} < set(UPLOADED)
    assert [parcel.folder for parcel in group_files([Uploaded("a.avif", b""), Uploaded("b.tga", b"")], "set")] == [True]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.tga", colours("TGA"))
        archive.writestr("b.jfif", colours("JPEG"))
    with ZipSource(tmp_path / "a.zip") as source:
        assert [source.picture(index).size for index in range(2)] == [(32, 32)] * 2


def test_a_single_picture_of_a_new_format_is_told_from_a_set(tmp_path: Path) -> None:
    (tmp_path / "a.avif").write_bytes(colours("AVIF"))

    with pytest.raises(UnusableSource, match="it is a single picture"):
        open_source(tmp_path / "a.avif")
