"""Images of Parquet files are copied into a pack, from which a run reads them even when the files are gone."""

import os
import shutil
from pathlib import Path

import pytest
import torch

from pipeline.data.fitting import Preparation
from pipeline.data.images import ImageSet
from pipeline.data.large import packing
from pipeline.data.large.opening import open_large
from pipeline.data.large.packing import IMAGES, PREFIX, UNFINISHED, packed
from pipeline.data.progress import no_progress
from pipeline.data.sources import load_files
from pipeline.errors.data import SourceChanged, UnusableSource
from tests.data.files.pictures import png
from tests.data.large import sets


def training(path: Path, home: Path) -> ImageSet:
    return load_files(str(path), Preparation(8), 0.1, "cpu", home, decoding="while training")[0]


def packs(home: Path) -> list[Path]:
    return list((home / "data").glob(f"{PREFIX}*/{IMAGES}"))


def test_a_run_goes_on_when_its_pack_or_its_files_are_deleted(tmp_path: Path) -> None:
    path, home = sets.parquets(tmp_path / "set"), tmp_path / "home"
    train = training(path, home)
    before = torch.cat(list(train.parts(7)))
    shutil.rmtree(home)
    shutil.rmtree(path)

    assert torch.cat(list(train.parts(7))).equal(before)


def test_only_the_last_packs_are_kept_and_what_was_never_finished_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "KEPT", 2)
    home = tmp_path / "home"
    for number, age in enumerate((30, 20, 10)):
        training(sets.parquets(tmp_path / f"{number}"), home)
        if number < 2:
            os.utime(packs(home)[-1].parent)
            for pack in packs(home):
                os.utime(pack.parent, (pack.parent.stat().st_mtime - age,) * 2)
    left = home / "data" / f"{UNFINISHED}killed" / "new" / IMAGES
    fresh = home / "data" / f"{UNFINISHED}at work" / "new" / IMAGES
    for each in (left, fresh):
        each.parent.mkdir(parents=True)
        each.touch()
    os.utime(left, (0, 0))
    assert len(packs(home)) == 2

    training(sets.parquets(tmp_path / "3"), home)
    assert len(packs(home)) == 2
    assert (left.exists(), left.parent.parent.exists(), fresh.exists()) == (False, False, True)


def test_a_file_that_changes_while_it_is_copied_is_named(tmp_path: Path) -> None:
    path, home = sets.parquets(tmp_path / "set", shards=1), tmp_path / "home"
    source = open_large(path, home)

    def change(doing: str, done: int, total: int) -> None:
        os.utime(next(path.rglob("*.parquet")), ns=(0, 0))

    with pytest.raises(SourceChanged, match=r"train-00000-of-00001\.parquet cannot be used: it has changed since"):
        packed(source, home, change)  # type: ignore[arg-type]
    source.close()
    assert not packs(home)


def test_a_home_that_cannot_take_the_copy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = open_large(sets.parquets(tmp_path / "set"), tmp_path / "home")
    (tmp_path / "file").touch()
    with pytest.raises(UnusableSource, match=r"its images cannot be copied to .*file/data \(not a directory\)"):
        packed(source, tmp_path / "file", no_progress)  # type: ignore[arg-type]
    monkeypatch.setattr(packing, "_pack", lambda source, folder, progress: folder.mkdir())
    with pytest.raises(UnusableSource, match=r"the copy of its images cannot be read .* Delete .*pack-"):
        packed(source, tmp_path / "home", no_progress)  # type: ignore[arg-type]
    source.close()


def test_empty_images_are_replaced(tmp_path: Path) -> None:
    rows = [{"image": content, "label": 0} for content in (png(), b"", None, png(seed=1))]
    train = training(sets.parquet(tmp_path / "a.parquet", rows), tmp_path / "home")

    assert train.batch(torch.arange(train.count)).shape[0] == train.count
    assert set(train.pixels.damaged.values()) == {"it is empty (0 bytes)"}  # type: ignore[union-attr]
