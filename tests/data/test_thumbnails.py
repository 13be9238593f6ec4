"""Previews of a set have the scale that the whole set has, whether it has been read or not."""

import io
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.data.files.opening import open_source
from pipeline.data.files.read_images import ReadImages
from pipeline.data.files.reading import find_scales, read
from pipeline.data.files.shades import Shades
from pipeline.data.fitting import Preparation
from pipeline.data.report import report_on
from pipeline.data.thumbnails import Thumbnail, thumbnails
from tests.data.files.pictures import encoded, write

CHOICES = get_args(Shades)


def pictures(folder: Path, brightest: int, dtype: Any) -> str:
    """A folder with three pictures (8, 8), brighter and brighter."""
    smooth = np.add.outer(np.arange(8), np.arange(8)) * (brightest / 14)
    files = {
        f"{index}.png": encoded(Image.fromarray((smooth * share).round().astype(dtype)))
        for index, share in enumerate((0.2, 0.6, 1.0))
    }
    return str(write(folder, files))


def read_all(path: str, shades: Shades) -> ReadImages:
    with open_source(Path(path)) as source:
        return read(source, Preparation(8, shades=shades))


def shown(thumbnail: Thumbnail) -> list[NDArray[Any]]:
    return [np.asarray(Image.open(io.BytesIO(each))) for each in (thumbnail.original, thumbnail.prepared)]


@pytest.mark.parametrize("shades", CHOICES)
@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(("brightest", "dtype"), [(4_080, np.uint16), (1, np.uint8), (90, np.uint8)])
def test_original_and_prepared_have_the_scale_of_the_set(
    brightest: int, dtype: type, cached: bool, shades: Shades, tmp_path: Path
) -> None:
    path, preparation = pictures(tmp_path / "in", brightest, dtype), Preparation(8, shades=shades)
    if cached:
        report_on(path, tmp_path, preparation)
    expected = read_all(path, shades)
    for each in thumbnails(path, tmp_path, preparation, count=2):
        for image in shown(each):
            assert np.array_equal(image, expected.pixels[expected.names.index(each.name), 0])


@pytest.mark.parametrize(("brightest", "dtype"), [(4_080, np.uint16), (1, np.uint8), (90, np.uint8)])
def test_scales_found_beforehand_are_those_of_reading(brightest: int, dtype: type, tmp_path: Path) -> None:
    path = pictures(tmp_path, brightest, dtype)
    for shades in CHOICES:
        with open_source(Path(path)) as source:
            scales = find_scales(source, Preparation(8, shades=shades))
        assert {kind: (scale.black, scale.white) for kind, scale in scales.items()} == read_all(path, shades).scales
