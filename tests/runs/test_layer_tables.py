"""The cache of layer tables: written whole or not at all, and limited in number."""

import os
from pathlib import Path

import pytest

from pipeline.errors.machine import CannotWrite
from pipeline.runs import layer_tables


def test_a_text_is_found_under_its_key_and_the_last_one_counts(tmp_path: Path):
    assert layer_tables.load(tmp_path, "a" * 64) is None
    layer_tables.save(tmp_path, "a" * 64, "first")
    layer_tables.save(tmp_path, "b" * 64, "other")
    layer_tables.save(tmp_path, "a" * 64, "second")
    assert [layer_tables.load(tmp_path, key * 64) for key in "abc"] == ["second", "other", None]
    assert sorted(path.name for path in (tmp_path / "layers").iterdir()) == ["a" * 64 + ".json", "b" * 64 + ".json"]


def test_the_oldest_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(layer_tables, "MOST", 3)
    for age, key in enumerate("dbac"):
        layer_tables.save(tmp_path, key, key)
        os.utime(tmp_path / "layers" / f"{key}.json", (1000 + age, 1000 + age))
    layer_tables.save(tmp_path, "e", "e")
    assert [layer_tables.load(tmp_path, key) for key in "dbace"] == [None, None, "a", "c", "e"]


def test_a_file_that_is_not_text_is_ignored(tmp_path: Path):
    layer_tables.save(tmp_path, "a", "text")
    (tmp_path / "layers" / "a.json").write_bytes(b"\xff\xfe")
    assert layer_tables.load(tmp_path, "a") is None


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path):
    (tmp_path / "layers").write_text("in the way")
    with pytest.raises(CannotWrite):
        layer_tables.save(tmp_path, "a", "text")
    assert layer_tables.load(tmp_path, "a") is None
