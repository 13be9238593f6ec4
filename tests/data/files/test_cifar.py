"""CIFAR-10's batches: the archive, the folder and a single file; and what is refused."""

import io
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.data.files import cifar
from pipeline.data.files.cifar import open_cifar
from pipeline.errors.data import UnusableSource
from tests.data.files.pictures import noise

NAMES = ("airplane", "automobile", "bird")


def batch(count: int, seed: int, **changes: Any) -> bytes:
    facts = {b"data": noise(count, 3072, 1, seed), b"labels": [number % 3 for number in range(count)]}
    return pickle.dumps({**facts, **changes}, 2)


def batches() -> dict[str, bytes]:
    files = {f"data_batch_{number}": batch(2, number) for number in range(1, 6)}
    names = pickle.dumps({b"label_names": [name.encode() for name in NAMES]}, 2)
    return files | {"test_batch": batch(3, 6), "batches.meta": names}


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def folder(path: Path, files: dict[str, bytes]) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UnusableSource) as refused:
        open_cifar(path)
    return str(refused.value)


@pytest.mark.parametrize("make", [archive, folder])
def test_all_batches_are_one_set_whose_test_batch_is_held_out(make: Any, tmp_path: Path) -> None:
    source = open_cifar(make(tmp_path / "cifar", batches()))

    assert source.entries.class_names == NAMES
    assert source.entries.held_out is not None and source.entries.held_out.tolist() == [False] * 10 + [True] * 3
    assert source.entries.labels.tolist() == [0, 1] * 5 + [0, 1, 2]
    planes = noise(2, 3072, 1, 1)[0].reshape(3, 32, 32)
    assert np.array_equal(np.asarray(source.picture(0).image), planes.transpose(1, 2, 0))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cifar"]


def test_a_single_batch_is_a_set(tmp_path: Path) -> None:
    (tmp_path / "test_batch").write_bytes(batch(3, 6))
    source = open_cifar(tmp_path / "test_batch")

    assert (source.count, source.entries.held_out, source.entries.class_names) == (3, None, ("0", "1", "2"))


@pytest.mark.parametrize(
    "changes",
    [
        {b"data": np.zeros((2, 100), np.uint8)},
        {b"data": np.zeros((2, 3072), np.float32)},
        {b"data": [1, 2]},
        {b"labels": [0]},
        {b"labels": [0, -1]},
        {b"labels": [0, "cat"]},
        {b"labels": None},
    ],
)
def test_a_batch_of_other_things_is_refused(changes: dict[bytes, Any], tmp_path: Path) -> None:
    content = pickle.dumps({b"data": noise(2, 3072, 1), b"labels": [0, 1]} | changes, 2)
    (tmp_path / "a").write_bytes(content)

    assert "it is not a CIFAR batch" in refusal(tmp_path / "a") or "its labels do not match" in refusal(tmp_path / "a")


def test_a_batch_that_runs_code_refuses_the_archive(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar.gz", batches() | {"data_batch_3": b"cos\nsystem\n(S'true'\ntR."})

    assert "'os.system', which could run code" in refusal(path)


def test_links_and_other_members_of_the_archive_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo("data_batch_1")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        member = tarfile.TarInfo("../../data_batch_2")
        member.size = len(batch(2, 1))
        tar.addfile(member, io.BytesIO(batch(2, 1)))

    assert open_cifar(path).count == 2
    assert [each.name for each in tmp_path.iterdir()] == ["a.tar.gz"]


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar, "MOST_TAR_BYTES", 100_000)

    assert "unpacks to more than 100,000 bytes" in refusal(
        archive(tmp_path / "a.tar.gz", {"padding": bytes(200_000)} | batches())
    )


@pytest.mark.parametrize("content", [{}, {"read me": b"text"}])
def test_an_archive_without_batches_says_so(content: dict[str, bytes], tmp_path: Path) -> None:
    assert "there are no batches in it" in refusal(archive(tmp_path / "a.tar.gz", content))


def test_a_damaged_archive_says_so(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar.gz", batches())
    path.write_bytes(path.read_bytes()[:3000])

    assert "it is damaged" in refusal(path)
