"""What goes into a bundle: whole checkpoints, and only what a reader takes."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors.bundles import UnusableForBundle
from pipeline.runs.bundles import manifest
from pipeline.runs.bundles.importing import import_bundle
from pipeline.runs.bundles.writing import write_bundle
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import SQLITE

DATABASES = SQLITE


def test_a_checkpoint_that_vanishes_while_it_is_exported_is_left_out_whole(
    tmp_path: Path, store: Store, other: Store, run: RunRecord, monkeypatch: pytest.MonkeyPatch
):
    gone = store.files(run.id).checkpoint_folder(2000) / "weights.safetensors"
    opened = Path.open

    def open_or_vanish(path: Path, *arguments: Any, **named: Any) -> Any:
        if path == gone:
            raise FileNotFoundError
        return opened(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", open_or_vanish)
    write_bundle(store, [run.id], tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        assert not [name for name in archive.namelist() if "step-000002000" in name]
        assert [name for name in archive.namelist() if "step-000005000/state.json" in name]


def test_a_checkpoint_newer_than_the_rows_is_left_out(tmp_path: Path, store: Store, other: Store, run: RunRecord):
    # It was saved after the rows were read; without the steps before it, curves would have a gap.
    store.files(run.id).checkpoint_folder(6000).mkdir()
    (store.files(run.id).checkpoint_folder(6000) / "state.json").write_text("{}")
    write_bundle(store, [run.id], tmp_path / "run.zip", checkpoints="last")
    import_bundle(other, tmp_path / "run.zip", "")
    assert [step for step, _ in other.files(run.id).checkpoints()] == [5000]


def test_hidden_files_beside_those_of_a_checkpoint_stay_out_of_a_bundle(
    tmp_path: Path, store: Store, other: Store, run: RunRecord
):
    (store.files(run.id).checkpoint_folder(2000) / ".DS_Store").write_bytes(b"hidden")
    write_bundle(store, [run.id], tmp_path / "run.zip")
    import_bundle(other, tmp_path / "run.zip", "")
    assert sorted(path.name for path in other.files(run.id).checkpoint_folder(2000).iterdir()) == [
        "state.json", "weights.safetensors",
    ]  # fmt: skip


def test_what_no_reader_would_take_is_not_written(
    tmp_path: Path, store: Store, run: RunRecord, monkeypatch: pytest.MonkeyPatch
):
    upload = tmp_path / "uploads" / "photos"
    upload.mkdir(parents=True)
    (upload / "a\nb.png").write_bytes(b"")
    with pytest.raises(UnusableForBundle, match=r"the name 'uploads/photos/a\\nb\.png'"):
        write_bundle(store, [run.id], tmp_path / "run.zip", uploads=[upload])
    monkeypatch.setattr(manifest, "MOST_ENTRIES", 10)
    with pytest.raises(UnusableForBundle, match="more than 10 files"):
        write_bundle(store, [run.id], tmp_path / "run.zip")
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".zip", ".partial")]


def test_an_export_that_stops_leaves_no_file(tmp_path: Path, store: Store, run: RunRecord):
    def stop(doing: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_bundle(store, [run.id], tmp_path / "run.zip", progress=stop)
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".zip", ".partial")]
