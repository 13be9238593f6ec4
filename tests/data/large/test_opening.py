"""A large source is listed once: processes that come later open its index, and wait while another makes it."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from pipeline.data.files.folder import FolderSource
from pipeline.data.large import index as indexes
from pipeline.data.large import opening
from pipeline.data.large.indexed import IndexedSource
from pipeline.data.large.names import StoredNames
from pipeline.data.large.one_at_a_time import WAITING, one_at_a_time
from pipeline.data.large.opening import open_large
from pipeline.data.progress import no_progress
from pipeline.errors.data import ReadingStopped
from tests.data.files.pictures import png, write
from tests.data.large import sets
from tests.promises import Promise


def test_an_index_has_what_the_folder_has(tmp_path: Path) -> None:
    path = sets.folder(tmp_path / "set")
    (path / "cat" / "broken\n.png").write_bytes(b"")
    direct, indexed = FolderSource(path), open_large(path, tmp_path, least=1)

    assert isinstance(indexed, IndexedSource)
    assert list(indexed.entries.names) == list(direct.entries.names)
    assert indexed.entries.labels.tolist() == direct.entries.labels.tolist()
    assert (indexed.entries.class_names, indexed.kind, indexed.grey()) == (sets.CLASSES, direct.kind, direct.grey())
    assert [indexed.content(row) for row in range(4)] == [direct.content(row) for row in range(4)]


def test_an_index_is_made_once_and_again_when_a_file_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, home = sets.folder(tmp_path / "set"), tmp_path / "home"
    open_large(path, home, least=1)
    with monkeypatch.context() as patch:
        patch.setattr(opening, "open_source", None)
        assert open_large(path, home).count == 33
    write(path, {"dog/new.png": png()})
    assert open_large(path, home, least=1).count == 34


def test_small_folders_get_no_index_and_leave_nothing(tmp_path: Path) -> None:
    assert isinstance(open_large(sets.folder(tmp_path / "set"), tmp_path / "home"), FolderSource)
    assert not (tmp_path / "home" / "data").exists()


def test_an_index_that_cannot_be_kept_is_used_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert open_large(sets.folder(tmp_path / "set"), tmp_path / "file", least=1).count == 33


@pytest.mark.parametrize("damage", ["facts.json", "labels.npy", "names.npy"])
def test_a_damaged_index_is_made_again(damage: str, tmp_path: Path) -> None:
    path = sets.folder(tmp_path / "set")
    open_large(path, tmp_path, least=1)
    folder = opening.index_folder(path, tmp_path, "0.4")
    (folder / damage).write_bytes(b"\0")

    assert indexes.load(folder) is None
    assert open_large(path, tmp_path, least=1).count == 33


def test_an_index_is_opened_in_a_moment(tmp_path: Path, promise: Promise) -> None:
    count = 200_000
    names = StoredNames.of(f"class_{row % 10}/{row:07}.jpg" for row in range(count))
    listed = indexes.Index(
        "files", "a folder of images", names, np.zeros(count, np.int64), np.zeros((count, 2), np.int64),
        np.zeros(count, np.int32), [],
    )  # fmt: skip
    indexes.save(listed, tmp_path / "index")
    begun = time.perf_counter()
    found = indexes.load(tmp_path / "index")

    assert found is not None
    promise("the index of 200,000 images is opened", time.perf_counter() - begun, 0.1)
    assert (found.names[0], found.names[-1], len(found.names)) == ("class_0/0000000.jpg", "class_9/0199999.jpg", count)
    assert sum(each.stat().st_size for each in (tmp_path / "index").iterdir()) < 80 * count
    chosen = found.names.chosen(np.array([5, 3]))
    assert (list(chosen), chosen.chosen(np.array([1]))[0]) == (
        ["class_5/0000005.jpg", "class_3/0000003.jpg"], "class_3/0000003.jpg"
    )  # fmt: skip


def test_one_lists_while_the_others_wait_and_can_be_stopped(tmp_path: Path) -> None:
    lock, inside, order = tmp_path / "a.lock", threading.Event(), []
    waited: list[str] = []

    def second() -> None:
        with one_at_a_time(lock, lambda doing, done, total: waited.append(doing)):
            order.append("second")

    with one_at_a_time(lock, no_progress):
        thread = threading.Thread(target=second)
        thread.start()
        while not waited:
            time.sleep(0.01)

        def stop(doing: str, done: int, total: int) -> None:
            raise ReadingStopped(doing, done, total)

        with pytest.raises(ReadingStopped), one_at_a_time(lock, stop):
            inside.set()
        order.append("first")
    thread.join(60)
    assert (order, waited[0], inside.is_set(), lock.exists()) == (["first", "second"], WAITING, False, False)
