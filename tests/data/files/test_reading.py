"""Reading a whole source: every image prepared, broken ones listed, progress reported, and stopping on request."""

import threading
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from pipeline.data.files.opening import open_source
from pipeline.data.files.passes import AT_ONCE
from pipeline.data.files.read_images import ReadImages
from pipeline.data.files.reading import read
from pipeline.data.fitting import Preparation, fit_to_square
from pipeline.errors.data import ReadingStopped, UnusableSource
from tests.data.files.pictures import encoded, noise, png, write


def read_all(path: Path, preparation: Preparation | None = None) -> ReadImages:
    with open_source(path) as source:
        return read(source, preparation or Preparation(8))


def test_every_image_is_prepared_and_its_original_size_kept(tmp_path: Path) -> None:
    sizes = [(8, 8), (20, 9), (5, 30)]
    files = {f"{number}.png": encoded(Image.fromarray(noise(*size))) for number, size in enumerate(sizes)}
    found = read_all(write(tmp_path, files))

    assert (found.pixels.shape, found.pixels.dtype) == ((3, 3, 8, 8), np.uint8)
    assert [tuple(size) for size in found.sizes.tolist()] == sizes
    for pixels, size in zip(found.pixels, sizes, strict=True):
        expected = np.asarray(fit_to_square(Image.fromarray(noise(*size)), 8, "crop"))
        assert np.array_equal(pixels, expected.transpose(2, 0, 1))


def test_one_broken_file_of_each_kind_is_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    good = png()
    write(
        tmp_path,
        {
            "cat/good.png": good, "dog/good.png": png(seed=1),
            "cat/empty.png": b"", "cat/text.png": b"no picture", "dog/cut.png": png(64, 64)[:900],
        },
    )  # fmt: skip
    found = read_all(tmp_path)

    assert found.names == ["cat/good.png", "dog/good.png"]
    assert found.labels.tolist() == [0, 1]
    assert [each.file for each in found.broken] == ["cat/empty.png", "cat/text.png", "dog/cut.png"]
    assert found.broken[0].reason == "it is empty (0 bytes)"


def test_mixed_modes_become_one_and_are_counted(tmp_path: Path) -> None:
    files = {"a.png": png(), "b.png": png(channels=1), "c.png": png(channels=4), "d.png": png(seed=2)}
    found = read_all(write(tmp_path, files))

    assert found.pixels.shape[1] == 3
    assert dict(found.modes) == {"RGB": 2, "L": 1, "RGBA": 1}
    assert read_all(tmp_path, Preparation(8, "crop", "grey")).pixels.shape[1] == 1


def test_animations_are_noted(tmp_path: Path) -> None:
    frames = [Image.new("L", (8, 8), shade) for shade in (10, 200)]
    files = {"a.gif": encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), "b.png": png()}

    assert read_all(write(tmp_path, files)).notes == ("Only the first frame of 1 animated images is used.",)


def test_a_source_with_only_broken_files_is_refused_naming_the_first(tmp_path: Path) -> None:
    write(tmp_path, {"a.png": b"", "b.png": b""})

    with pytest.raises(UnusableSource, match=r"none of its 2 images can be read \(a.png: it is empty"):
        read_all(tmp_path)


def test_arrays_of_the_right_size_are_used_unchanged(tmp_path: Path) -> None:
    pixels = noise(4, 64, 1).reshape(4, 8, 8)
    np.savez(tmp_path / "a.npz", images=pixels, labels=np.arange(4))
    found = read_all(tmp_path / "a.npz")

    assert np.array_equal(found.pixels[:, 0], pixels)
    assert (dict(found.modes), found.sizes.tolist()) == ({"L": 4}, [[8, 8]] * 4)


def test_arrays_of_another_size_are_fitted_like_pictures(tmp_path: Path) -> None:
    pixels = noise(2, 300).reshape(2, 10, 30, 3)
    np.savez(tmp_path / "a.npz", images=pixels)
    found = read_all(tmp_path / "a.npz", Preparation(8, "pad"))

    assert np.array_equal(
        found.pixels[1].transpose(1, 2, 0), np.asarray(fit_to_square(Image.fromarray(pixels[1]), 8, "pad"))
    )


def test_progress_goes_from_none_to_all(tmp_path: Path) -> None:
    count = 2 * AT_ONCE + 3
    write(tmp_path, {f"{number}.png": png() for number in range(count)})
    told: list[tuple[str, int, int]] = []
    with open_source(tmp_path) as source:
        read(source, Preparation(8), lambda *facts: told.append(facts))

    assert told[0] == ("Reading images", 0, count)
    assert told[-1] == ("Reading images", count, count)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_an_exception_from_progress_stops_the_read_and_its_threads(tmp_path: Path) -> None:
    write(tmp_path, {f"{number}.png": png(400, 400) for number in range(60)})

    def stop(doing: str, done: int, total: int) -> None:
        raise ReadingStopped(doing, done, total)

    with open_source(tmp_path) as source, pytest.raises(ReadingStopped):
        read(source, Preparation(8), stop)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("genscope-images")]


def test_images_that_do_not_fit_into_memory_are_refused_before_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {f"{number}.png": png() for number in range(3)})
    now = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: now._replace(available=500))

    with pytest.raises(UnusableSource, match="would take 576 B of memory, but only 500 B is free"):
        read_all(tmp_path)


def test_a_class_whose_images_are_all_broken_is_a_warning(tmp_path: Path) -> None:
    files = {"cat/1.png": png(), "dog/1.png": png(seed=1), "owl/1.png": b"", "yak/1.png": b"no picture"}
    assert read_all(write(tmp_path / "two", files)).warnings == (
        "None of the training images of the classes owl and yak can be read, so networks cannot learn what to show for "
        "them.",
    )
    parts = {"train/cat/1.png": png(), "train/owl/1.png": b"", "test/cat/1.png": png(seed=1), "test/owl/1.png": png()}
    assert "of the class owl can be read" in read_all(write(tmp_path / "split", parts)).warnings[0]
