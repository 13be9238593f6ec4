"""What is said of a set that is too large to be read whole, and where its images are seen without reading it."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.command.data import report_lines
from pipeline.data.findings import differences
from pipeline.data.findings_cache import kept_findings
from pipeline.data.fitting import Preparation
from pipeline.data.large import looking
from pipeline.data.large.choosing import SETTING, budget
from pipeline.data.report import report_on
from pipeline.data.sources import load_files
from pipeline.data.summary import summary_of
from pipeline.data.thumbnails import thumbnails
from pipeline.errors.data import UnusableSource
from pipeline.errors.machine import UnusableValue
from tests.data.files.pictures import png, sixteen_bit_png, write
from tests.data.large import sets

SMALL = Preparation(8)


def test_the_report_counts_everything_and_looks_at_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "SAMPLE", 5)
    monkeypatch.setenv(SETTING, "0")
    path = sets.tars(tmp_path / "set")
    found = report_on(str(path), tmp_path, SMALL)

    assert (found.count, found.train, found.held_out) == (33, 30, 3)
    assert dict(found.classes) == {"0": 11, "1": 11, "2": 11}
    assert (found.sizes, found.modes, found.shape) == ({(9, 12): 5}, {"RGB": 5}, (3, 8, 8))
    assert found.line == (
        "Found 33 images in 3 classes: 30 for training, 3 held out. They are decoded while training, since they would "
        "take 6.3 kB of memory, and 0 B may be used for it. Only a sample of them was looked at, so equal and "
        "damaged images among the others are not known."
    )
    assert "Sizes, modes and shades are those of a sample of 5 images." in summary_of(found).notes
    assert (found.sampled, summary_of(found).sampled) == (5, 5)
    assert any(line.startswith("duplicates: not looked for") for line in report_lines(found))
    assert len(thumbnails(str(path), tmp_path, SMALL, count=7)) == 7


def test_a_few_images_that_take_much_memory_are_decoded_while_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sets.folder(tmp_path / "set")
    before = load_files(str(path), SMALL, 0.1, "cpu", tmp_path)[0]
    monkeypatch.setenv(SETTING, "0")
    later = load_files(str(path), SMALL, 0.1, "cpu", tmp_path)[0]

    assert before.streaming is None
    assert later.streaming and later.streaming.later.startswith("since they would take 6.3 kB of memory")


def test_what_is_kept_of_a_set_is_what_was_found_by_the_same_way_of_decoding(tmp_path: Path) -> None:
    path = str(sets.folder(tmp_path / "set"))
    load_files(path, SMALL, 0.1, "cpu", tmp_path, decoding="while training")
    assert kept_findings(path, tmp_path, SMALL, 0.1, "before training") is None
    assert "as the data node says" in kept_findings(path, tmp_path, SMALL, 0.1, "while training").line  # type: ignore[union-attr]


def test_a_set_that_was_read_whole_is_the_same_when_it_is_decoded_while_training(tmp_path: Path) -> None:
    path, other = sets.folder(tmp_path / "set"), sets.folder(tmp_path / "other")
    write(other, {"cat/0.png": png(20, 20)})
    whole, later, changed = (
        load_files(str(source), SMALL, 0.1, "cpu", tmp_path, decoding=decoding)[0].findings
        for source, decoding in ((path, "before training"), (path, "while training"), (other, "while training"))
    )

    assert whole and later and changed
    assert differences(whole, later) == differences(later, whole) == []
    assert (whole.count, whole.class_counts, whole.shape) == (later.count, later.class_counts, later.shape)
    assert differences(later, changed) == ["the pictures are others, or in another order"]


def test_damage_in_the_sample_is_a_warning(tmp_path: Path) -> None:
    path = write(sets.folder(tmp_path / "set"), {"cat/3.png": b"damaged"})
    found = load_files(str(path), SMALL, 0.1, "cpu", tmp_path, decoding="while training")[0].findings

    assert found and found.count == 33
    assert found.warnings == (
        "1 of 33 images in a sample is damaged, such as cat/3.png (it is not a picture in a known format): in "
        "training each is replaced by the next that is not.",
    )


def test_images_of_more_than_8_bits_get_the_scale_of_the_sample(tmp_path: Path) -> None:
    deep = {f"{row}.png": sixteen_bit_png(np.full((8, 8, 1), 4_000 * row, np.uint16)) for row in range(1, 9)}
    path = write(tmp_path / "set", deep)
    whole, later = (
        load_files(str(path), SMALL, 0.0, "cpu", tmp_path, decoding=decoding)[0]
        for decoding in ("before training", "while training")
    )

    assert next(later.parts(8)).equal(next(whole.parts(8)))
    assert whole.findings and later.findings and whole.findings.scale == later.findings.scale


def test_what_cannot_be_read_in_any_order_says_so_only_if_it_was_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(tmp_path / "a.npz", np.zeros((5, 8, 8), np.uint8))
    monkeypatch.setenv(SETTING, "0")

    assert load_files(str(tmp_path / "a.npz"), SMALL, 0.0, "cpu", tmp_path)[0].streaming is None
    with pytest.raises(
        UnusableSource, match=r"cannot be decoded while training\. Name a folder of images or of shards"
    ):
        load_files(str(tmp_path / "a.npz"), SMALL, 0.0, "cpu", tmp_path, decoding="while training")


def test_the_budget_is_a_quarter_of_the_memory_or_what_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert budget() > 100_000_000
    monkeypatch.setenv(SETTING, "12")
    assert budget() == 12_000_000
    monkeypatch.setenv(SETTING, "12 GB")
    with pytest.raises(UnusableValue, match="GENSCOPE_DECODED_BUDGET is '12 GB'; set it to a whole number"):
        budget()
