"""Drafts on disk: versions, limits, damaged files and ids that are none."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors.machine import CannotWrite
from pipeline.errors.workflow import DraftChanged, UnknownDraft, UnreadableDraft
from pipeline.runs import drafts
from pipeline.runs.drafts import DraftRecord, new_draft_id


def written(home: Path, name: str = "digits", *, age: int = 0, saved: bool = False) -> DraftRecord:
    record = drafts.write(home, DraftRecord(new_draft_id(), name=name, who="Ada", edits=3, saved=saved), "[1]")
    if age:
        os.utime(home / "drafts" / f"{record.id}.json", (10**9 - age, 10**9 - age))
    return record


def test_a_draft_is_written_listed_and_read(tmp_path: Path):
    record = written(tmp_path)
    assert record.version == 1
    assert drafts.read(tmp_path, record.id) == (record, [1])
    assert drafts.drafts(tmp_path) == ([record], [])
    assert drafts.find(tmp_path, record.id) == record


def test_a_change_of_an_older_version_is_refused_and_replaces_nothing(tmp_path: Path):
    first = written(tmp_path)
    second = drafts.write(tmp_path, first, "[2]")
    assert second.version == 2
    with pytest.raises(DraftChanged, match="'digits' was changed in another tab"):
        drafts.write(tmp_path, first, "[3]")
    assert drafts.read(tmp_path, first.id)[1] == [2]


def test_of_many_simultaneous_changes_of_a_version_one_is_kept(tmp_path: Path):
    record = written(tmp_path)

    def change(number: int) -> bool:
        try:
            drafts.write(tmp_path, record, f"[{number}]")
        except DraftChanged:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(change, range(32)))
    assert sum(done) == 1
    assert drafts.read(tmp_path, record.id)[1] == [done.index(True)]


def test_a_deleted_draft_can_be_restored_and_be_written_again(tmp_path: Path):
    record = written(tmp_path)
    content = drafts.delete(tmp_path, record.id)
    assert drafts.drafts(tmp_path) == ([], [])
    with pytest.raises(UnknownDraft, match="may have been deleted"):
        drafts.delete(tmp_path, record.id)
    drafts.restore(tmp_path, record.id, content)
    assert drafts.read(tmp_path, record.id)[1] == [1]
    drafts.delete(tmp_path, record.id)
    drafts.write(tmp_path, record, "[2]")
    drafts.restore(tmp_path, record.id, content)
    assert drafts.read(tmp_path, record.id)[1] == [2]


@pytest.mark.parametrize(
    "hostile", ["", "..", "../../etc/passwd", "/etc/passwd", "0" * 13, "0" * 99_999, "A" * 12, "\0"]
)
def test_what_is_no_id_opens_writes_and_deletes_nothing(tmp_path: Path, hostile: str):
    for door in (
        drafts.read,
        drafts.delete,
        lambda home, draft_id: drafts.write(home, DraftRecord(draft_id), "[]"),
        lambda home, draft_id: drafts.restore(home, draft_id, b""),
    ):
        with pytest.raises(UnknownDraft) as refusal:
            door(tmp_path, hostile)
        assert len(str(refusal.value)) < 300
    assert drafts.find(tmp_path, hostile) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b"\xff", b'{"format_version": 2}', b"[" * 100_000])
def test_a_damaged_file_is_named_and_the_others_are_listed(tmp_path: Path, damage: bytes):
    good, bad = written(tmp_path), written(tmp_path)
    file = tmp_path / "drafts" / f"{bad.id}.json"
    file.write_bytes(damage)
    assert drafts.drafts(tmp_path) == ([good], [bad.id])
    with pytest.raises(UnreadableDraft, match="its file is damaged"):
        drafts.read(tmp_path, bad.id)
    assert file.read_bytes() == damage


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path):
    record = written(tmp_path)
    with (tmp_path / "drafts" / f"{record.id}.json").open("ab") as file:
        file.truncate(3 * drafts.LARGEST_DRAFT)
    assert drafts.drafts(tmp_path) == ([], [record.id])


def test_beyond_the_limit_the_oldest_goes_and_first_one_that_is_saved_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 3)
    for name, age in (("oldest", 4), ("old", 3)):
        written(tmp_path, name, age=age)
    written(tmp_path, "saved", age=2, saved=True)
    written(tmp_path, "new", age=1)
    assert {record.name for record in drafts.drafts(tmp_path)[0]} == {"oldest", "old", "new"}
    newest = written(tmp_path, "newest")
    assert [record.name for record in drafts.drafts(tmp_path)[0]] == ["newest", "new", "old"]
    # Another change of one that is there needs no room.
    drafts.write(tmp_path, replace(newest, edits=4), "[2]")
    assert len(drafts.drafts(tmp_path)[0]) == 3


def test_the_file_is_plain_json_and_nothing_lies_beside_it(tmp_path: Path):
    record = written(tmp_path)
    files = {path.name for path in (tmp_path / "drafts").iterdir()}
    assert files == {f"{record.id}.json", ".lock"}
    document = json.loads((tmp_path / "drafts" / f"{record.id}.json").read_text())
    assert document | {"content": 0} == {
        "format_version": 1, "version": 1, "name": "digits", "who": "Ada", "edits": 3, "saved": False, "content": 0,
    }  # fmt: skip


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "drafts").write_text("in the way")
    with pytest.raises(CannotWrite, match="drafts cannot be written"):
        written(tmp_path)
