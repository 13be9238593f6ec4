"""One scale for a whole source: picture files, zips and arrays alike, the same for every order and thread."""

import io
import zipfile
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image

from pipeline.data.files import passes
from pipeline.data.files.opening import open_source
from pipeline.data.files.read_images import ReadImages
from pipeline.data.files.reading import read
from pipeline.data.files.rules import Rules
from pipeline.data.files.shades import Shades
from pipeline.data.fitting import Preparation
from pipeline.errors.data import UnusableSource
from tests.data.files.pictures import encoded, noise, png, sixteen_bit_png, write

RANDOM = np.random.default_rng(0)
SMOOTH = np.add.outer(np.arange(8), np.arange(8)) * (255 / 14)
"""A picture 8×8 from 0 to 255, so that 8 pixels a side need no resizing."""


def read_all(path: Path, shades: Shades = "as stored", rules: Rules = "0.4") -> ReadImages:
    with open_source(path) as source:
        source.rules = rules
        return read(source, Preparation(8, shades=shades))


def pictures(folder: Path, numbers: list[NDArray[Any]], form: str = "PNG") -> Path:
    """A folder with a picture file of each array (8, 8)."""
    ending = {"PNG": "png", "TIFF": "tif"}[form]
    files = {f"{index}.{ending}": encoded(Image.fromarray(each), form) for index, each in enumerate(numbers)}
    return write(folder, files)


def npz(path: Path, **stored: Any) -> Path:
    np.savez(path / "a.npz", **stored)
    return path / "a.npz"


def several(factor: float, dtype: Any) -> list[NDArray[Any]]:
    """The smooth picture, brighter and brighter: up to 255 times the factor."""
    return [(SMOOTH * share * factor).round().astype(dtype) for share in (0.2, 0.6, 1.0)]


def mean(images: ReadImages) -> float:
    return float(images.pixels.mean() / 255)


def test_arrays_with_a_value_a_hair_above_one_are_not_black(tmp_path: Path) -> None:
    values = RANDOM.random((20, 8, 8), np.float32)
    values[3, 4, 5] = 1.0000001
    found = read_all(npz(tmp_path, images=values))

    assert abs(mean(found) - 0.5) < 0.02
    assert found.scale == (
        "Shades: 0 to 1 of the stored values became black to white (as stored); "
        "1 of 1,280 values lay outside and were clipped."
    )
    assert found.warnings == ()


@pytest.mark.parametrize("kind", ["files", "arrays"])
def test_twelve_bits_in_sixteen_are_dark_with_a_warning_until_the_range_is_set(kind: str, tmp_path: Path) -> None:
    numbers = several(16, np.uint16)
    path = pictures(tmp_path / "in", numbers) if kind == "files" else npz(tmp_path, images=np.stack(numbers))
    dark = read_all(path)

    assert mean(dark) < 0.05
    assert "The largest value is 4,080" in dark.warnings[0] and "'12 bits'" in dark.warnings[0]
    chosen = read_all(path, "12 bits")
    assert np.abs(chosen.pixels[:, 0].astype(int) - [each // 16 for each in numbers]).max() <= 1
    assert (chosen.scale, chosen.warnings) == (
        "Shades: 0 to 4,095 of the stored values became black to white (12 bits).", (),
    )  # fmt: skip
    assert mean(read_all(path, "largest value")) >= mean(chosen)
    assert mean(read_all(path, "percentiles")) >= mean(chosen)
    assert np.array_equal(read_all(path, "full").pixels, dark.pixels)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32])
def test_shades_up_to_255_kept_in_more_bits_are_shades_in_files_and_arrays(dtype: type, tmp_path: Path) -> None:
    numbers = several(1, dtype)
    files = read_all(pictures(tmp_path / "in", numbers, "TIFF"))

    assert np.array_equal(files.pixels[:, 0], np.stack(numbers))
    assert np.array_equal(files.pixels, read_all(npz(tmp_path, images=np.stack(numbers))).pixels)
    assert "they were read as 8 bits kept in a larger type" in files.notes[0]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32])
def test_masks_of_0_and_1_are_black_and_white_in_files_and_arrays(dtype: type, tmp_path: Path) -> None:
    numbers = [RANDOM.integers(0, 2, (8, 8)).astype(dtype) for _ in range(3)]
    form = "PNG" if dtype == np.uint8 else "TIFF"
    files, stored = (
        read_all(pictures(tmp_path / "in", numbers, form)),
        read_all(npz(tmp_path, images=np.stack(numbers))),
    )

    assert np.array_equal(files.pixels[:, 0], np.stack(numbers) * 255)
    assert np.array_equal(files.pixels, stored.pixels)
    assert files.scale == stored.scale != ""
    assert "All stored values are 0 or 1, so 1 became white" in files.notes[0]


def test_masks_in_colour_become_white_too_and_one_bright_picture_makes_them_no_masks(tmp_path: Path) -> None:
    mask = RANDOM.integers(0, 2, (8, 8, 3), dtype=np.uint8)
    write(tmp_path / "in", {"a.png": encoded(Image.fromarray(mask)), "b.png": encoded(Image.fromarray(1 - mask))})
    assert np.array_equal(read_all(tmp_path / "in").pixels[0].transpose(1, 2, 0), mask * 255)

    write(tmp_path / "in", {"c.png": png()})
    assert np.array_equal(read_all(tmp_path / "in").pixels[0].transpose(1, 2, 0), mask)


def test_training_and_held_out_arrays_have_one_scale(tmp_path: Path) -> None:
    train, test = np.stack(several(16, np.uint16)), np.stack(several(0.9, np.uint16))
    path = npz(tmp_path, x_train=train, x_test=test)
    found = read_all(path, "12 bits")

    expected = np.concatenate([train, test]) * (255 / 4_095)
    assert np.abs(found.pixels[:, 0] - expected).max() <= 0.5001
    assert found.warnings == (
        "The arrays of images share one scale, but their largest values differ widely (x_train 4,080, x_test 230).",
    )
    assert read_all(path).scales == {"numbers of more than 8 bits": (0, 65_535)}


def test_arrays_of_different_types_have_scales_of_their_own_with_a_warning(tmp_path: Path) -> None:
    shares = RANDOM.random((3, 8, 8))
    path = npz(tmp_path, x_train=(shares * 255).round().astype(np.uint8), x_test=shares.astype(np.float32))
    found = read_all(path)

    assert np.abs(found.pixels[:3].astype(int) - found.pixels[3:]).max() <= 1
    assert found.warnings == (
        "The arrays of images are of different types (x_train uint8, x_test float32), so each type has a scale of its "
        "own.",
    )


def test_the_brightest_picture_scales_all_pictures(tmp_path: Path) -> None:
    numbers = several(257, np.uint16)
    found = read_all(pictures(tmp_path / "in", numbers))

    assert np.abs(found.pixels[:, 0] * 257.0 - np.stack(numbers)).max() <= 129
    assert (found.warnings, found.notes) == ((), ())


def test_sixteen_bit_colours_are_scaled_like_grey(tmp_path: Path) -> None:
    numbers = RANDOM.integers(0, 4_096, (8, 8, 3), dtype=np.uint16)
    path = write(tmp_path / "in", {"a.png": sixteen_bit_png(numbers), "b.png": sixteen_bit_png(numbers[::-1])})

    assert "probably have 12 bits" in read_all(path).warnings[0]
    pixels = read_all(path, "12 bits").pixels[0].transpose(1, 2, 0)
    assert np.abs(pixels - numbers * (255 / 4_095)).max() <= 0.5001


def test_eight_bit_pictures_beside_deeper_ones_stay_as_they_are(tmp_path: Path) -> None:
    grey = noise(8, 8, 1)
    path = write(tmp_path / "in", {"a.png": encoded(Image.fromarray(grey)), "b.png": png(channels=1, seed=3)})
    pictures(path, several(16, np.uint16))
    found = read_all(path, "12 bits")

    assert np.array_equal(found.pixels[found.names.index("a.png"), 0], grey)
    assert found.pixels[found.names.index("2.png")].max() == 254


def test_an_image_does_not_depend_on_the_names_of_the_others(tmp_path: Path) -> None:
    numbers = several(16, np.uint16)
    for shades in get_args(Shades):
        there = read_all(pictures(tmp_path / f"there {shades}", numbers), shades)
        back = read_all(pictures(tmp_path / f"back {shades}", numbers[::-1]), shades)
        assert np.array_equal(there.pixels, back.pixels[::-1])
        assert there.scale == back.scale


def test_the_number_of_threads_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [(RANDOM.random((8, 8)) * 4_095).astype(np.float32) for _ in range(12)]
    path = pictures(tmp_path / "in", numbers, "TIFF")
    usual = read_all(path, "percentiles")
    monkeypatch.setattr(passes, "AT_ONCE", 1)
    monkeypatch.setattr(passes, "MOST_THREADS", 1)

    assert np.array_equal(read_all(path, "percentiles").pixels, usual.pixels)


def test_a_zip_is_scaled_like_its_folder(tmp_path: Path) -> None:
    path = pictures(tmp_path / "in", several(16, np.uint16))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in sorted(path.iterdir()):
            archive.write(file, file.name)
    (tmp_path / "in.zip").write_bytes(content.getvalue())

    for shades in get_args(Shades):
        folder, packed = read_all(path, shades), read_all(tmp_path / "in.zip", shades)
        assert np.array_equal(folder.pixels, packed.pixels)
        assert (folder.scale, folder.warnings) == (packed.scale, packed.warnings)


@pytest.mark.parametrize("side", [8, 20])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_image_that_holds_no_numbers_is_listed_and_the_others_load(value: float, side: int, tmp_path: Path) -> None:
    values = RANDOM.random((4, side, side))
    values[2, 1, 1] = value
    found = read_all(npz(tmp_path, images=values))

    assert [tuple(each) for each in found.broken] == [
        ("images[2]", "it holds values that are no numbers (NaN or infinity)")
    ]
    assert found.names == ["images[0]", "images[1]", "images[3]"]
    assert abs(mean(found) - 0.5) < 0.1

    files = read_all(pictures(tmp_path / "in", list(values.astype(np.float32)), "TIFF"))
    assert [each.file for each in files.broken] == ["2.tif"]
    assert np.abs(files.pixels.astype(int) - found.pixels).max() <= 1


def test_a_set_in_which_no_image_holds_numbers_is_refused_with_the_first(tmp_path: Path) -> None:
    with pytest.raises(UnusableSource, match=r"none of its 2 images can be read \(images\[0\]: it holds values that"):
        read_all(npz(tmp_path, images=np.full((2, 8, 8), np.nan)))


@pytest.mark.parametrize("kind", ["files", "arrays"])
def test_values_of_unknown_meaning_are_refused_and_read_by_the_largest(kind: str, tmp_path: Path) -> None:
    numbers = [(each - 2_000).astype(np.int32) for each in several(16, np.int32)]
    path = pictures(tmp_path / "in", numbers, "TIFF") if kind == "files" else npz(tmp_path, images=np.stack(numbers))

    with pytest.raises(UnusableSource, match="its values range from -2,000 to 2,080, which may mean any shades"):
        read_all(path)
    found = read_all(path, "largest value")
    assert (int(found.pixels.min()), int(found.pixels.max())) == (0, 255)


def test_an_empty_array_of_held_out_images_is_no_obstacle(tmp_path: Path) -> None:
    found = read_all(npz(tmp_path, x_train=np.stack(several(257, np.uint16)), x_test=np.zeros((0, 8, 8), np.uint16)))

    assert len(found.pixels) == 3


def test_runs_of_version_0_3_keep_their_pixels(tmp_path: Path) -> None:
    train, test = np.stack(several(16, np.uint16)), np.stack(several(0.9, np.uint16))
    found = read_all(npz(tmp_path, x_train=train, x_test=test), rules="0.3")

    assert np.array_equal(found.pixels[:3, 0], np.rint(train.astype(np.float32) * (255 / 65_535)))
    assert np.array_equal(found.pixels[3:, 0], test)
    mask = RANDOM.integers(0, 2, (8, 8), dtype=np.uint8)
    files = read_all(pictures(tmp_path / "in", [mask, mask.astype(np.uint16) * 700]), rules="0.3")
    assert np.array_equal(files.pixels[:, 0], np.stack([mask, mask * 3]))
    assert files.scale == ""


@pytest.mark.parametrize("shades", ["largest value", "percentiles"])
@pytest.mark.parametrize("value", [2.0**53, -(2.0**53), 1e300, 0.0])
def test_an_array_of_one_value_is_black_or_white_throughout(value: float, shades: Shades, tmp_path: Path) -> None:
    found = read_all(npz(tmp_path, images=np.full((2, 8, 8), value)), shades)

    assert set(np.unique(found.pixels)) <= {0, 255} and len(np.unique(found.pixels)) == 1


DTYPES = st.one_of(
    arrays.integer_dtypes(endianness="?"), arrays.unsigned_integer_dtypes(endianness="?"),
    arrays.floating_dtypes(endianness="?"), arrays.boolean_dtypes(), arrays.complex_number_dtypes(),
    arrays.byte_string_dtypes(max_len=3), arrays.unicode_string_dtypes(max_len=3), arrays.datetime64_dtypes(),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.data(), DTYPES, st.sampled_from(get_args(Shades)))
def test_an_array_of_any_type_is_read_or_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, dtype: np.dtype[Any], shades: Shades
) -> None:
    count = data.draw(st.integers(0, 3))
    stored = data.draw(arrays.arrays(dtype, (count, 2, 2)))
    path = npz(tmp_path_factory.mktemp("any"), images=stored)
    try:
        found = read_all(path, shades)
    except UnusableSource as refused:
        assert str(path) in str(refused)
        return
    assert len(found.pixels) + len(found.broken) == count
    if dtype.kind in "iub":
        assert not found.broken


def test_8_bit_arrays_of_masks_beside_8_bit_arrays_of_shades_are_a_warning(tmp_path: Path) -> None:
    masks = RANDOM.integers(0, 2, (4, 8, 8), dtype=np.uint8)
    found = read_all(npz(tmp_path, train_images=masks, test_images=masks * np.uint8(255)))

    assert found.warnings == (
        "The arrays of images share one scale, but their largest values differ widely (train_images 1, "
        "test_images 255).",
    )
