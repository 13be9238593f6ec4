"""The summary of a report: long lists cut short, all numbers kept."""

import json
from pathlib import Path

import pytest

from pipeline.data import summary
from pipeline.data.fitting import Preparation
from pipeline.data.report import report_on
from pipeline.data.summary import Summary, summary_of
from tests.data.files.pictures import png, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four classes of 1 to 4 images, identical within a class, and three broken files."""
    files = {f"{size}/{index}.png": png(8, 8 + index, seed=size) for size in range(1, 5) for index in range(size)}
    files |= {f"{size}/{index} again.png": png(8, 8 + index, seed=size) for size in (3, 4) for index in range(2)}
    files |= {f"1/broken {index}.png": b"broken" for index in range(3)}
    return write(tmp_path / "folder", files)


def test_a_summary_survives_the_round_trip_through_json(folder: Path, tmp_path: Path) -> None:
    made = summary_of(report_on(str(folder), tmp_path, Preparation(8), held_out=0.5))
    assert Summary.from_json(json.loads(json.dumps(made.as_json()))) == made
    assert made.labelled and made.class_count == 4
    assert made.copies == 4 and len(made.groups) == 4
    assert {group.images for group in made.groups} == {2}
    assert made.shared == sum(group.shared for group in made.groups)


def test_long_lists_are_cut_and_their_lengths_are_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("MOST_CLASSES", "MOST_SIZES", "MOST_GROUPS", "MOST_BROKEN", "MOST_NAMES"):
        monkeypatch.setattr(summary, limit, 1)
    made = summary_of(report_on(str(folder), tmp_path, Preparation(8)))
    assert made.classes == (("4", 6),) and made.class_count == 4
    assert len(made.sizes) == 1 and made.size_count == 4
    assert len(made.groups) == 1 and len(made.groups[0].names) == 1 and made.copies == 4
    assert len(made.broken) == 1 and made.broken_count == 3
