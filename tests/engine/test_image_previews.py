"""Strips of the original, prepared and augmented image."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.data.fitting import Preparation
from pipeline.engine.image_previews import GAP, PANEL, ImagePreview, previews
from pipeline.graph.form import parameters
from pipeline.nodes.inputs.augment import Augment
from tests.data.files.pictures import encoded, png, write

NOTHING = {each.name: 0.0 for each in parameters(Augment)} | {"probability": 1.0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A wide image, left half red and right half blue; a tall one; and a broken one."""
    halves = np.zeros((20, 40, 3), np.uint8)
    halves[:, :20, 0] = halves[:, 20:, 2] = 255
    files = {"a/wide.png": encoded(Image.fromarray(halves)), "b/tall.png": png(40, 20), "b/broken.png": b"broken"}
    return write(tmp_path / "folder", files)


def shown(folder: Path, *augmentations: dict[str, float], seed: int = 0, size: int = 20) -> dict[str, ImagePreview]:
    found = previews(
        str(folder), folder.parent, Preparation(size), page=0, count=9, augmentations=augmentations, seed=seed
    )
    return {strip.name: strip for strip in found}


def panels(strip: ImagePreview) -> list[np.ndarray]:
    """The three panels, each (PANEL, PANEL, 4)."""
    sheet = np.asarray(Image.open(io.BytesIO(strip.png)))
    assert sheet.shape == (PANEL, 3 * PANEL + 2 * GAP, 4)
    return [sheet[:, place * (PANEL + GAP) :][:, :PANEL] for place in range(3)]


def test_the_original_keeps_its_aspect_ratio_and_the_prepared_image_is_square(folder: Path) -> None:
    original, prepared, _ = panels(shown(folder)["a/wide.png"])
    rows = np.flatnonzero(original[:, PANEL // 2, 3])
    assert (rows[0], len(rows)) == (PANEL // 4, PANEL // 2)
    assert prepared[..., 3].all()
    # The centre square: red on the left, blue on the right.
    assert (prepared[:, : PANEL // 2, 0] == 255).all() and (prepared[:, PANEL // 2 :, 2] == 255).all()


def test_a_flip_mirrors_the_image_and_an_augmentation_without_effect_does_not_change_it(folder: Path) -> None:
    _, prepared, augmented = panels(shown(folder, NOTHING | {"horizontal_flip": 1.0})["a/wide.png"])
    assert (augmented == prepared[:, ::-1]).all()
    for untouched in ((), (NOTHING,), (NOTHING | {"horizontal_flip": 1.0, "probability": 0.0},)):
        _, prepared, augmented = panels(shown(folder, *untouched)["a/wide.png"])
        assert (augmented == prepared).all()


def test_all_augmentations_are_applied(folder: Path) -> None:
    mirrored, upside_down = NOTHING | {"horizontal_flip": 1.0}, NOTHING | {"vertical_flip": 1.0}
    _, prepared, augmented = panels(shown(folder, mirrored, upside_down)["b/tall.png"])
    assert (augmented == prepared[::-1, ::-1]).all()


def test_the_same_seed_gives_the_same_strips_and_another_seed_gives_others(folder: Path) -> None:
    noisy = NOTHING | {"noise": 0.5}
    first = shown(folder, noisy)
    assert shown(folder, noisy) == first
    assert shown(folder, noisy, seed=1)["b/tall.png"].png != first["b/tall.png"].png


def test_grey_images_stay_grey_when_augmented(folder: Path) -> None:
    grey = previews(
        str(folder), folder.parent, Preparation(20, channels="grey"),
        page=0, count=9, augmentations=[NOTHING | {"rotate": 30.0}], seed=0,
    )  # fmt: skip
    for strip in grey:
        for panel in panels(strip)[1:] if strip.png else []:
            assert (panel[..., 0] == panel[..., 1]).all()


def test_an_unreadable_image_has_a_reason_and_no_strip(folder: Path) -> None:
    broken = shown(folder, NOTHING)["b/broken.png"]
    assert (broken.reason, broken.png) == ("it is not a picture in a known format", b"")
    only = write(folder.parent / "only", {"1.png": b"broken", "2.png": b""})
    assert {strip.png for strip in shown(only, NOTHING).values()} == {b""}


def test_a_page_beyond_the_last_is_empty(folder: Path) -> None:
    assert previews(str(folder), folder.parent, Preparation(), page=1, count=9, augmentations=(), seed=0) == ()
