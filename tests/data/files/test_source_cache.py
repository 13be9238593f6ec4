"""The cache of sources: images are read once, until an image or the preparation changes."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.data.files import source_cache
from pipeline.data.files.opening import open_source
from pipeline.data.files.read_images import ReadImages
from pipeline.data.files.reading import read
from pipeline.data.files.source_cache import read_cached
from pipeline.data.fitting import Preparation
from tests.data.files.pictures import png, write

USUAL = Preparation(8)
Reads = list[Preparation]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """Records every read that the cache did not avoid."""
    done: Reads = []
    real = read

    def counted(source: object, preparation: Preparation, progress: object) -> ReadImages:
        done.append(preparation)
        return real(source, preparation, progress)  # type: ignore[arg-type]

    monkeypatch.setattr(source_cache, "read", counted)
    return done


def photos(tmp_path: Path) -> Path:
    files = {f"{kind}/{number}.png": png(9, 7, seed=number) for kind in ("cat", "dog") for number in range(3)}
    return write(tmp_path / "photos", files | {"cat/broken.png": b""})


def look(path: Path, tmp_path: Path, preparation: Preparation = USUAL) -> ReadImages:
    with open_source(path) as source:
        return read_cached(source, preparation, tmp_path / "data")


def test_cached_images_are_the_same_and_nothing_is_decoded(tmp_path: Path, reads: Reads) -> None:
    path = photos(tmp_path)
    first, again = look(path, tmp_path), look(path, tmp_path)

    assert len(reads) == 1
    for name in ("pixels", "labels", "sizes"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    for name in ("names", "class_names", "modes", "broken", "notes", "held_out"):
        assert getattr(first, name) == getattr(again, name)


def test_the_split_of_the_source_is_cached_too(tmp_path: Path) -> None:
    path = write(tmp_path / "photos", {"train/a.png": png(), "test/b.png": png()})
    look(path, tmp_path)
    again = look(path, tmp_path).held_out

    assert again is not None and again.tolist() == [True, False]


@pytest.mark.parametrize(
    "change",
    [
        lambda path: (path / "cat" / "0.png").write_bytes(png(5, 5)),
        lambda path: os.utime(path / "dog" / "1.png", (1, 1)),
        lambda path: (path / "dog" / "1.png").unlink(),
        lambda path: (path / "cat").rename(path / "lion"),
    ],
)
def test_a_change_of_any_image_is_noticed(change: Callable[[Path], object], tmp_path: Path, reads: Reads) -> None:
    path = photos(tmp_path)
    look(path, tmp_path)
    change(path)
    look(path, tmp_path)

    assert len(reads) == 2


@pytest.mark.parametrize("other", [{"image_size": 9}, {"fit": "pad"}, {"channels": "grey"}])
def test_every_preparation_has_its_own_cache_file(other: dict[str, object], tmp_path: Path, reads: Reads) -> None:
    path = photos(tmp_path)
    for preparation in (USUAL, replace(USUAL, **other), USUAL):  # type: ignore[arg-type]
        look(path, tmp_path, preparation)

    assert len(reads) == 2


@pytest.mark.parametrize("damage", [b"", b"no archive", None])
def test_a_source_with_a_damaged_cache_file_is_read_again(damage: bytes | None, tmp_path: Path, reads: Reads) -> None:
    path = photos(tmp_path)
    look(path, tmp_path)
    file = next((tmp_path / "data").iterdir())
    file.write_bytes(file.read_bytes()[:-100] if damage is None else damage)
    look(path, tmp_path)
    look(path, tmp_path)

    assert len(reads) == 2


def test_the_least_recently_used_file_is_deleted(tmp_path: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_cache, "KEPT_SOURCES", 2)
    path = photos(tmp_path)
    for side in (8, 9, 8, 10, 8):
        look(path, tmp_path, Preparation(side))
        for age, file in enumerate(sorted((tmp_path / "data").iterdir(), key=lambda file: file.stat().st_mtime_ns)):
            os.utime(file, (age, age))

    assert [preparation.image_size for preparation in reads] == [8, 9, 10]


def test_a_home_that_cannot_be_written_only_costs_the_time(tmp_path: Path, reads: Reads) -> None:
    (tmp_path / "data").write_text("in the way")
    path = photos(tmp_path)

    assert look(path, tmp_path).pixels.shape == look(path, tmp_path).pixels.shape
    assert len(reads) == 2
