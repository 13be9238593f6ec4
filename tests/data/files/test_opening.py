"""Finding and opening the source that a user names, and refusing other files."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from pipeline.data.files.opening import find, open_source
from pipeline.errors.data import UnusableSource
from tests.data.files.pictures import png, write
from tests.data.files.test_archive import zip_of
from tests.data.files.test_cifar import archive, batch, batches, folder
from tests.data.files.test_idx import mnist


def kind(path: Path) -> str:
    with open_source(path) as source:
        return source.kind


def refusal(source: str, home: Path) -> str:
    with pytest.raises(UnusableSource) as refused:
        open_source(find(source, home))
    return str(refused.value)


def test_a_relative_path_is_searched_in_the_working_directory_and_then_in_uploads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "uploads" / "photos").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    assert find("photos", home) == home / "uploads" / "photos"
    (tmp_path / "here" / "photos").mkdir()
    assert find(" photos ", home) == tmp_path / "here" / "photos"
    assert find(str(tmp_path), home) == tmp_path


def test_a_tilde_is_the_users_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "photos").mkdir()

    assert find("~/photos", tmp_path / "home") == tmp_path / "photos"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("nowhere", "there is no such file or folder, neither in the working directory nor in"),
        ("/nowhere/at/all", "there is no such file or folder"),
        ("a\0b", "zero byte"),
        ("x" * 5000, "file name too long"),
        ("/dev/zero", "neither a folder nor a file"),
    ],
)
def test_a_missing_source_is_refused_with_what_is_expected(source: str, reason: str, tmp_path: Path) -> None:
    sentence = refusal(source, tmp_path)

    assert reason in sentence and "Name a folder of images, a zip or a tar of one" in sentence


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    # Opening it would wait for a writer that never comes.
    assert "neither a folder nor a file" in refusal(str(tmp_path / "pipe"), tmp_path)


def test_a_circular_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    assert "cannot be used" in refusal(str(tmp_path / "loop"), tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser reads everything")
def test_an_unreadable_source_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "photos", {"a.png": png()}).chmod(0)

    assert "you do not have permission to read it" in refusal(str(tmp_path / "photos"), tmp_path)


def test_kinds_are_detected_from_content_not_names(tmp_path: Path) -> None:
    np.savez(tmp_path / "arrays", images=np.zeros((1, 4, 4), np.uint8))
    (tmp_path / "arrays.npz").rename(tmp_path / "a")
    zip_of(tmp_path / "b", {"a.png": png()})
    archive(tmp_path / "c", batches())
    (tmp_path / "d").write_bytes(batch(2, 0))
    (tmp_path / "idx").mkdir()

    assert kind(tmp_path / "a") == "an .npz file"
    assert kind(tmp_path / "b") == "a zip of images"
    assert (
        kind(tmp_path / "c") == kind(tmp_path / "d") == kind(folder(tmp_path / "e", batches())) == "CIFAR-10's batches"
    )
    assert kind(mnist(tmp_path / "idx")) == kind(tmp_path / "idx") == "an IDX file"
    assert kind(write(tmp_path / "f", {"a.png": png()})) == "a folder of images"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.zip", b"", "it is empty (0 bytes)"),
        ("a.png", png(), "it is a single picture. Name its folder instead."),
        ("a.zip", b"text", "its name ends in .zip, but its content is of another kind"),
        ("a.npz", b"text", "its name ends in .npz, but its content is of another kind"),
        ("notes.txt", b"text", "this kind of file is not supported"),
        ("a.gz", gzip.compress(b"text", mtime=0), "it is damaged"),
        ("a.gz", b"\x1f\x8bxx", "it is damaged"),
        ("a.zip", b"PK\x03\x04xxxx", "it is damaged"),
        ("batch", b"\x80\x02}.", "it is not a CIFAR batch"),
    ],
)
def test_other_files_are_refused_with_a_reason(name: str, content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)

    assert reason in refusal(str(tmp_path / name), tmp_path)


@pytest.mark.parametrize("source", ["~nosuchuser/pics", "~nosuchuser"])
def test_the_home_of_a_user_who_does_not_exist_is_refused_with_a_sentence(source, tmp_path):
    with pytest.raises(UnusableSource, match="there is no user 'nosuchuser'"):
        find(source, tmp_path)
