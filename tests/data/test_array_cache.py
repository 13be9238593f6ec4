"""The cache of a set: read once, written whole or not at all, and never an obstacle to training."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pipeline.data.array_cache import RawImages, load_or_read
from pipeline.data.sets import DatasetFacts

FACTS = DatasetFacts("tiny", "Tiny", channels=1, size=2, classes=2, train=3, held_out=1, download=False)
IMAGES = RawImages(np.arange(16, dtype=np.uint8).reshape(4, 1, 2, 2), np.array([0, 1, 1, 0]))


class Reader:
    """Reads the set and counts how often."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> RawImages:
        self.reads += 1
        return IMAGES


def same(images: RawImages) -> bool:
    return np.array_equal(images.pixels, IMAGES.pixels) and np.array_equal(images.labels, IMAGES.labels)


def test_a_cached_set_is_not_read_again(tmp_path: Path) -> None:
    read = Reader()

    assert same(load_or_read(FACTS, tmp_path / "data", read))
    assert same(load_or_read(FACTS, tmp_path / "data", read))
    assert read.reads == 1
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["tiny.npz"]


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def one_bit_turned(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[content.index(bytes(range(16)))] ^= 1
    file.write_bytes(content)


def no_archive(file: Path) -> None:
    file.write_text("not a set of images")


def pickled(file: Path) -> None:
    np.savez(file, pixels=np.array([{}], dtype=object), labels=IMAGES.labels)


def of_another_shape(file: Path) -> None:
    np.savez(file, pixels=IMAGES.pixels[:2], labels=IMAGES.labels[:2])


def without_labels(file: Path) -> None:
    np.savez(file, pixels=IMAGES.pixels)


@pytest.mark.parametrize(
    "damage", [emptied, cut_short, one_bit_turned, no_archive, pickled, of_another_shape, without_labels]
)
def test_a_damaged_cache_file_is_replaced(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    read = Reader()
    load_or_read(FACTS, tmp_path, read)
    damage(tmp_path / "tiny.npz")

    assert same(load_or_read(FACTS, tmp_path, read))
    assert same(load_or_read(FACTS, tmp_path, read))
    assert read.reads == 2


def test_a_folder_that_cannot_be_written_only_costs_the_time(tmp_path: Path) -> None:
    blocked = tmp_path / "a file, no folder"
    blocked.touch()
    read = Reader()

    assert same(load_or_read(FACTS, blocked / "data", read))
    assert same(load_or_read(FACTS, blocked / "data", read))
    assert read.reads == 2


def test_several_threads_may_cache_a_set_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: load_or_read(FACTS, tmp_path, lambda: IMAGES), range(40)))

    assert all(map(same, results))
    assert [file.name for file in tmp_path.iterdir()] == ["tiny.npz"]


def test_a_reader_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fails() -> RawImages:
        raise RuntimeError("no network")

    with pytest.raises(RuntimeError, match="no network"):
        load_or_read(FACTS, tmp_path, fails)
    assert list(tmp_path.iterdir()) == []
