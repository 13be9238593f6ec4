"""What is known about a set of images: its line, and what differs between two sets."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.data.files.opening import open_source
from pipeline.data.files.read_images import ReadImages
from pipeline.data.files.source import BrokenFile
from pipeline.data.files.source_cache import read_cached
from pipeline.data.files.survey import survey
from pipeline.data.findings import Findings, differences, of_arrays, of_read, of_survey, too_large_batch
from pipeline.data.fitting import Preparation
from pipeline.data.report import report_on
from pipeline.data.sources import load, load_files
from tests.data.files.pictures import png, write

NAMES = ("bee", "cat")


def pixels(count: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 1, 4, 4), dtype=np.uint8)


def described(count: int = 8, seed: int = 0, names: tuple[str, ...] = NAMES, held_out: int = 2) -> Findings:
    labels = np.arange(count) % len(names)
    return of_arrays(pixels(count, seed), labels, np.arange(count) >= count - held_out, names)


def test_the_line_counts_what_was_read_and_how_it_is_split() -> None:
    assert described().line == "Read 8 images in 2 classes: 6 for training, 2 held out."
    assert Findings(1, 0).line == "Found 1 image: 1 for training, none held out."


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        (["it is damaged (broken PNG file)", "it is damaged (truncated)"], "2 left out (damaged)"),
        (
            ["it is empty (0 bytes)", "it is next to the class folders, not in one", "it is damaged (x)"],
            "3 left out (1 empty, 1 next to the class folders, 1 damaged)",
        ),
        (
            ["it has 9,000×9,000 pixels, more than the 8 allowed", "it has 9 bytes, more than the 3 allowed"],
            "too large",
        ),
        (["its link leads nowhere"], "1 left out (whose link leads nowhere)"),
        ([f"it is {word}" for word in "abcdef"], "6 left out (1 a, 1 b, 1 c, 1 d, 2 for other reasons)"),
    ],
)
def test_what_was_left_out_is_grouped_by_reason(reasons: list[str], said: str) -> None:
    broken = tuple(BrokenFile(f"{number}.png", reason) for number, reason in enumerate(reasons))
    images = ReadImages(pixels(), np.zeros(8, np.int64), np.ones((8, 2), np.int32), None, ["x"] * 8, broken=broken)
    line = of_read(images).line
    assert line.startswith(f"Read 8 of {8 + len(broken)} images: 8 for training, none held out; ")
    assert said in line


def test_scale_warnings_and_pictures_on_both_sides_of_the_split_are_said() -> None:
    images = ReadImages(
        np.repeat(pixels(2), 2, axis=0), np.zeros(4, np.int64), np.ones((4, 2), np.int32),
        np.array([False, True, False, False]), ["a", "b", "c", "d"], duplicates=((0, 1), (2, 3)),
        scale="Shades 0 to 4,095 became black to white.", warnings=("All is black.",),
    )  # fmt: skip
    found = of_read(images.split(0))
    assert found.line.endswith("3 for training, 1 held out. Shades 0 to 4,095 became black to white.")
    assert found.shared == 1
    assert found.sentences[1:] == (
        "Warning: All is black.",
        "Warning: 1 held-out image equals a training image (b equals a): what is measured on held-out images looks "
        "better than it is.",
    )


def test_a_set_of_which_most_was_left_out_is_suspicious() -> None:
    broken = tuple(BrokenFile(f"{number}.png", "it is damaged") for number in range(60))
    images = ReadImages(pixels(3), np.zeros(3, np.int64), np.ones((3, 2), np.int32), None, ["x"] * 3, broken=broken)
    (warning,) = of_read(images).warnings
    assert warning.startswith("Most images were left out: only 3 of 63 are used.")


def test_findings_survive_json() -> None:
    found = described()
    assert Findings.from_dict(json.loads(json.dumps(found.as_dict()))) == found


def changed(**changes: object) -> list[str]:
    return differences(described(), replace(described(), **changes))  # type: ignore[arg-type]


def test_what_differs_between_two_sets_is_named() -> None:
    assert differences(described(), described()) == []
    assert differences(described(), described(names=("ant", "cat"))) == ["label 0 was bee and is ant"]
    assert differences(described(), described(seed=1)) == ["the pictures are others, or in another order"]
    assert differences(described(), described(9)) == [
        "bee had 4 images and has 5", "there were 6 training images and are 7"
    ]  # fmt: skip
    assert changed(classes=3, class_names=(*NAMES, "owl")) == ["there were 2 classes and are 3"]
    assert changed(shape=(3, 4, 4)) == ["the images had the shape 1×4×4 and have 3×4×4"]
    assert changed(held_out=3) == ["there were 2 held-out images and are 3"]


def test_one_pixel_the_order_the_labels_and_the_split_tell_sets_apart() -> None:
    labels, aside = np.arange(8) % 2, np.arange(8) >= 6
    before = of_arrays(pixels(), labels, aside)
    touched = pixels()
    touched[3, 0, 1, 1] ^= 1
    others = {
        "the pictures are others, or in another order": [
            of_arrays(touched, labels, aside), of_arrays(pixels()[::-1], labels, aside)
        ],
        "the pictures have other labels": [of_arrays(pixels(), labels[::-1].copy(), aside)],
        "other pictures are held out": [of_arrays(pixels(), labels, ~aside[::-1] ^ True)],
    }  # fmt: skip
    for clause, sets in others.items():
        assert [differences(before, each) for each in sets] == [[clause]] * len(sets)


def test_a_batch_larger_than_the_training_images_is_refused_in_one_wording() -> None:
    assert too_large_batch(3, 3) == ""
    assert too_large_batch(32, 3) == "Batch size is 32, but there are only 3 training images."
    assert too_large_batch(2, 1) == "Batch size is 2, but there is only 1 training image."


def test_the_report_the_survey_and_the_loaded_set_agree(tmp_path: Path) -> None:
    files = {f"{name}/{n}.png": png(seed=n) for name in NAMES for n in range(10)}
    folder = write(tmp_path / "photos", files | {"cat/broken.png": b"broken", "loose.png": png(seed=99)})
    train, _ = load_files(str(folder), Preparation(8), 0.1, "cpu", tmp_path)
    assert train.findings is not None
    line = train.findings.line
    assert line == (
        "Read 20 of 22 images in 2 classes: 18 for training, 2 held out; 2 left out (1 not a picture in a known "
        "format, 1 next to the class folders)."
    )
    assert report_on(str(folder), tmp_path, Preparation(8)).line == line
    assert of_survey(survey(str(folder), tmp_path), 0.1).line == (
        "Found 21 of 22 images in 2 classes: 19 for training, 2 held out; 1 left out (next to the class folders)."
    )


def test_a_named_set_has_the_same_line_in_its_report(tmp_path: Path) -> None:
    train, _ = load("digits", 0, "cpu", tmp_path)
    assert train.findings is not None
    assert report_on("digits", tmp_path).line == train.findings.line
    assert train.findings.line == "Read 1,797 images in 10 classes: 1,617 for training, 180 held out."


def test_the_hash_of_a_source_is_kept_with_its_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "photos", {f"{n}.png": png(seed=n) for n in range(4)})

    def read() -> ReadImages:
        with open_source(folder) as source:
            return read_cached(source, Preparation(8), tmp_path / "data")

    first = read()
    monkeypatch.setattr("pipeline.data.files.source_cache.content_hash", None)
    monkeypatch.setattr("pipeline.data.findings.content_hash", None)
    again = read()
    assert first.content and again.content == first.content
    assert of_read(again).hashes["pictures"] == first.content
