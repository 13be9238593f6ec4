"""The report on a data set (named sets and files), and its thumbnails."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.data.fitting import Preparation, fit_to_square
from pipeline.data.report import report_on
from pipeline.data.thumbnails import LARGEST_SIDE, thumbnails
from pipeline.errors.data import ReadingStopped
from tests.data.files.pictures import encoded, noise, png, write


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Images of three sizes, two classes and a third with one image, a duplicate in two formats, and a broken file."""
    twice = Image.fromarray(noise(16, 16, seed=9))
    files = {
        "cat/1.png": png(20, 30), "cat/2.png": png(16, 16, seed=2), "cat/3.png": encoded(twice),
        "dog/1.png": png(40, 20, seed=3), "dog/2.bmp": encoded(twice, "BMP"), "dog/3.png": b"broken",
        "owl/1.png": png(4, 4),
    }  # fmt: skip
    return write(tmp_path / "photos", files)


def test_everything_is_counted(photos: Path, tmp_path: Path) -> None:
    report = report_on(str(photos), tmp_path, Preparation(16), held_out=0.5)

    assert (report.kind, report.count, report.train, report.held_out) == ("a folder of images", 6, 3, 3)
    assert dict(report.classes) == {"cat": 3, "dog": 2, "owl": 1}
    assert report.sizes == {(16, 16): 3, (20, 30): 1, (40, 20): 1, (4, 4): 1}
    assert report.duplicates == (("cat/3.png", "dog/2.bmp"),)
    assert [each.file for each in report.broken] == ["dog/3.png"]
    assert report.shape == (3, 16, 16)
    assert sum(report.histogram[0]) == 6 * 16 * 16
    assert any(note.startswith("There is only one image of owl") for note in report.notes)
    assert "1 image has a side shorter than 16 pixels and was enlarged." in report.notes


def test_mean_and_deviation_are_of_the_prepared_pixels(photos: Path, tmp_path: Path) -> None:
    report = report_on(str(photos), tmp_path, Preparation(16))
    names = ["cat/1.png", "cat/2.png", "cat/3.png", "dog/1.png", "dog/2.bmp", "owl/1.png"]
    pixels = np.stack([np.asarray(fit_to_square(Image.open(photos / name), 16, "crop")) for name in names]) / 255

    np.testing.assert_allclose(report.mean, pixels.mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(report.std, pixels.std(axis=(0, 1, 2)))


def test_a_duplicate_on_both_sides_of_the_split_is_listed_separately(tmp_path: Path) -> None:
    same = png(seed=1)
    files = {"train/1.png": same, "train/2.png": png(seed=2), "train/3.png": png(seed=2), "test/1.png": same}
    report = report_on(str(write(tmp_path / "photos", files)), tmp_path)

    assert len(report.duplicates) == 2
    assert report.shared == (("test/1.png", "train/1.png"),)


def test_the_report_is_json(photos: Path, tmp_path: Path) -> None:
    facts = json.loads(json.dumps(report_on(str(photos), tmp_path, Preparation(16)).as_dict()))

    assert {"source", "count", "classes", "sizes", "mean", "std", "duplicates", "broken"} <= set(facts)
    assert facts["sizes"]["20x30"] == 1
    assert facts["broken"] == [{"file": "dog/3.png", "reason": "it is not a picture in a known format"}]
    assert facts["preparation"] == {
        "image_size": 16, "fit": "crop", "channels": "as they come", "shades": "as stored", "rules": "0.4",
    }  # fmt: skip


def test_images_without_labels_are_all_counted(tmp_path: Path) -> None:
    report = report_on(str(write(tmp_path / "photos", {"a.png": png(), "b.png": png(seed=1)})), tmp_path)

    assert (report.labelled, dict(report.classes)) == (False, {"no label": 2})


def test_a_named_set_has_the_same_report(tmp_path: Path) -> None:
    report = report_on("digits", tmp_path)

    assert (report.count, report.held_out, report.shape) == (1_797, 180, (1, 8, 8))
    assert sum(report.classes.values()) == 1_797 and report.classes["1"] == 182
    assert report.sizes == {(8, 8): 1_797}
    assert report_on("digits", tmp_path, Preparation(12)).shape == (1, 12, 12)


def test_a_report_can_be_stopped(photos: Path, tmp_path: Path) -> None:
    def stop(doing: str, done: int, total: int) -> None:
        raise ReadingStopped(doing, done, total)

    with pytest.raises(ReadingStopped, match=r"Stopped while reading images \(0 of 7 done\)"):
        report_on(str(photos), tmp_path, progress=stop)
    assert not (tmp_path / "data").exists()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_thumbnails_show_each_image_original_and_prepared(photos: Path, tmp_path: Path) -> None:
    write(photos, {"cat/large.png": png(300, 600)})
    shown = {each.name: each for each in thumbnails(str(photos), tmp_path, Preparation(16, "pad"), count=50)}

    assert len(shown) == 8
    large = shown["cat/large.png"]
    assert (large.size, large.class_name) == ((300, 600), "cat")
    assert opened(large.original).size == (LARGEST_SIDE, LARGEST_SIDE // 2)
    assert opened(large.prepared).size == (16, 16)
    square = np.asarray(opened(shown["dog/1.png"].prepared))
    assert np.array_equal(square, np.asarray(fit_to_square(Image.open(photos / "dog" / "1.png"), 16, "pad")))
    assert shown["dog/3.png"].reason == "it is not a picture in a known format"
    assert shown["dog/3.png"].original == b""


def test_pages_of_thumbnails_show_every_image_once(photos: Path, tmp_path: Path) -> None:
    pages = [thumbnails(str(photos), tmp_path, page=page, count=3) for page in range(4)]

    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len({each.name for page in pages for each in page}) == 7
    assert thumbnails(str(photos), tmp_path, page=1, count=3) == pages[1]


def test_named_sets_have_thumbnails_too(tmp_path: Path) -> None:
    first = thumbnails("digits", tmp_path, count=2)[0]

    assert (opened(first.original).size, opened(first.prepared).size) == ((8, 8), (8, 8))
    assert first.class_name in "0123456789"


def test_a_report_loads_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys, pipeline.data.thumbnails; from pathlib import Path; from pipeline.data.report import report_on;"
        f"report_on('digits', Path({str(tmp_path)!r})); sys.exit('torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_equal_images_on_both_sides_of_the_split_are_a_warning_also_from_the_cache(tmp_path: Path) -> None:
    twice = png(seed=7)
    files = {"train/1.png": png(), "train/2.png": twice, "test/3.png": twice, "test/4.png": png(seed=3)}
    photos = write(tmp_path / "photos", files)
    expected = (
        "1 held-out image equals a training image (test/3.png equals train/2.png): what is measured on held-out images "
        "looks better than it is.",
    )
    for _ in range(2):
        assert report_on(str(photos), tmp_path, Preparation(8)).warnings == expected
    # A split by share is judged by its share.
    write(tmp_path / "flat", {f"{number}.png": twice if number else png() for number in range(4)})
    (warning,) = report_on(str(tmp_path / "flat"), tmp_path, Preparation(8), 0.5).warnings
    assert "equal training images" in warning or "equals a training image" in warning
    assert report_on(str(tmp_path / "flat"), tmp_path, Preparation(8), 0.0).warnings == ()


def test_captions_are_counted(tmp_path: Path) -> None:
    files = {"1.png": png(), "2.png": png(seed=1), "3.png": b"broken", "1.txt": b"a fox", "2.txt": b" ", "3.txt": b"x"}
    photos = write(tmp_path / "photos", files)
    for _ in range(2):
        assert report_on(str(photos), tmp_path, Preparation(8)).captions == 1


def test_a_changed_table_is_read_again(tmp_path: Path) -> None:
    photos = write(tmp_path / "photos", {"1.png": png(), "2.png": png(seed=1), "labels.csv": b"file,label\n1,a\n2,b\n"})
    assert dict(report_on(str(photos), tmp_path, Preparation(8)).classes) == {"a": 1, "b": 1}
    (photos / "labels.csv").write_bytes(b"file,label\n1,left\n2,right\n")
    assert dict(report_on(str(photos), tmp_path, Preparation(8)).classes) == {"left": 1, "right": 1}
