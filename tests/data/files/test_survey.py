"""Surveying a source without decoding: quick, and correct when something has changed."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pipeline.data.files import survey as surveying
from pipeline.data.files.survey import fingerprint, survey
from pipeline.data.fitting import Preparation
from pipeline.errors.data import UnusableSource
from tests.data.files.pictures import png, write
from tests.promises import Promise


def photos(folder: Path, each: int = 10) -> Path:
    return write(folder, {f"{kind}/{number}.png": png() for kind in ("cat", "dog") for number in range(each)})


def test_a_folder_is_counted_by_class(tmp_path: Path) -> None:
    found = survey(str(photos(tmp_path / "photos")), tmp_path)

    assert (found.count, found.class_names, found.class_counts, found.held_out) == (20, ("cat", "dog"), (10, 10), None)
    assert found.split(0.1) == (18, 2)
    assert found.split(0.0) == (20, 0)


def test_the_sources_own_split_overrides_the_share(tmp_path: Path) -> None:
    labels = np.zeros(2, int)
    np.savez(
        tmp_path / "a.npz",
        train_images=np.zeros((2, 4, 4), np.uint8), train_labels=labels,
        test_images=np.zeros((3, 4, 4), np.uint8), test_labels=np.zeros(3, int),
    )  # fmt: skip

    assert survey(str(tmp_path / "a.npz"), tmp_path).split(0.5) == (2, 3)


@pytest.mark.parametrize(
    ("channels", "asked", "expected"),
    [(1, "as they come", 1), (3, "as they come", 3), (3, "grey", 1), (1, "colour", 3)],
)
def test_channels_are_those_of_most_pictures_or_as_requested(
    channels: int, asked: str, expected: int, tmp_path: Path
) -> None:
    write(tmp_path / "photos", {f"{number}.png": png(channels=channels) for number in range(3)})
    preparation = Preparation(16, "crop", asked)  # type: ignore[arg-type]

    assert survey(str(tmp_path / "photos"), tmp_path).shape(preparation) == (expected, 16, 16)


def test_the_second_survey_takes_milliseconds_and_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, promise: Promise
) -> None:
    path = str(photos(tmp_path / "photos", each=300))
    first = survey(path, tmp_path)
    monkeypatch.setattr(surveying, "open_large", None)
    times = []
    for _ in range(9):
        begin = time.perf_counter()
        assert survey(path, tmp_path) is first
        times.append(time.perf_counter() - begin)

    promise("a folder of 600 pictures has not changed", min(times), 0.005)


def test_a_new_picture_deep_in_the_folder_is_noticed(tmp_path: Path) -> None:
    path = photos(tmp_path / "photos")
    assert survey(str(path), tmp_path).count == 20
    write(path, {"cat/new/a.png": png()})
    assert survey(str(path), tmp_path).count == 21
    write(path, {"cat/new/b.png": png()})
    assert survey(str(path), tmp_path).count == 22
    (path / "dog" / "0.png").unlink()
    assert survey(str(path), tmp_path).count == 21


def test_a_fingerprint_stays_until_a_file_comes_or_goes_or_an_archive_changes(tmp_path: Path) -> None:
    path = photos(tmp_path / "photos")
    before = fingerprint(str(path), tmp_path)
    assert fingerprint(str(path), tmp_path) == before
    write(path, {"cat/new.png": png()})
    assert fingerprint(str(path), tmp_path) != before
    arrays = tmp_path / "a.npz"
    np.savez(arrays, images=np.zeros((2, 8, 8), np.uint8))
    before = fingerprint(str(arrays), tmp_path)
    np.savez(arrays, images=np.zeros((3, 8, 8), np.uint8))
    assert fingerprint(str(arrays), tmp_path) != before
    with pytest.raises(UnusableSource):
        fingerprint(str(tmp_path / "nothing"), tmp_path)


def test_an_unusable_folder_is_surveyed_again(tmp_path: Path) -> None:
    path = write(tmp_path / "photos", {"deep/er/a.txt": b""})
    with pytest.raises(UnusableSource, match="no images"):
        survey(str(path), tmp_path)
    write(path, {"deep/er/a.png": png()})

    assert survey(str(path), tmp_path).count == 1


def test_an_unusable_file_is_refused_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, weights=np.zeros(3))
    for _ in range(2):
        with pytest.raises(UnusableSource, match="none of its arrays"):
            survey(str(path), tmp_path)
    np.savez(path, images=np.zeros((2, 4, 4), np.uint8))

    assert survey(str(path), tmp_path).count == 2


def test_the_number_of_remembered_surveys_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveying, "REMEMBERED", 2)
    for number in range(4):
        survey(str(photos(tmp_path / str(number), each=1)), tmp_path)

    assert len(surveying._KNOWN) == 2


def test_surveying_loads_no_torch(tmp_path: Path) -> None:
    path = photos(tmp_path / "photos")
    code = (
        "import sys; from pathlib import Path; from pipeline.data.files.survey import survey;"
        f"survey({str(path)!r}, Path('.')); sys.exit('torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
