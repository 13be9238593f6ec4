"""A tar of pictures is read in place like a zip of them, under the same limits."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data.files import tar, unpacking
from pipeline.data.files.opening import open_source
from pipeline.data.files.reading import read
from pipeline.data.fitting import Preparation
from pipeline.errors.data import UnusableSource
from tests.data.files.pictures import png

KINDS = {"a.tar": "w", "a.tar.gz": "w:gz", "a.tgz": "w:gz", "a.tar.bz2": "w:bz2", "a.tar.xz": "w:xz"}


def tar_of(path: Path, files: dict[str, bytes], mode: str = "w:gz", **facts: object) -> Path:
    """A tar of these files. facts: of every member, such as its type."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for fact, value in facts.items():
                setattr(member, fact, value)
            archive.addfile(member, io.BytesIO(content))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UnusableSource) as refused:
        open_source(path)
    return str(refused.value)


@pytest.mark.parametrize("name", KINDS)
def test_a_tar_is_read_like_the_folder_in_it(name: str, tmp_path: Path) -> None:
    files = {
        "./photos/cats/1.png": png(4, 5),
        "./photos/dogs/1.png": png(6, 7),
        "./photos/a.txt": b"",
        "./._b.png": b"",
    }
    path = tar_of(tmp_path / name, files, KINDS[name])
    with open_source(path) as source:
        assert source.kind == "a tar of images"
        assert source.entries.class_names == ("cats", "dogs")
        assert [source.picture(index).size for index in (1, 0)] == [(6, 7), (4, 5)]
        assert source.notes == ("1 file is not named like a picture.",)
        assert read(source, Preparation(8)).pixels.shape == (2, 3, 8, 8)
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_labels_and_captions_are_read_from_a_tar(tmp_path: Path) -> None:
    files = {"1.png": png(), "2.png": png(), "labels.csv": b"file,label\n1.png,b\n2.png,a\n", "1.txt": b"a fox"}
    for name, mode in KINDS.items():
        with open_source(tar_of(tmp_path / name, files, mode)) as source:
            assert (source.entries.class_names, source.entries.labels.tolist()) == (("a", "b"), [1, 0])
            assert list(source.entries.captions or ()) == ["a fox", ""]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil.png", "leads out of the tar"), ("a/../../evil.png", "leads out of the tar"),
        ("/etc/evil.png", "is an absolute path"), ("C:/evil.png", "begins with a drive letter"),
        ("evil\n.png", "has control characters"), ("more.zip", "is an archive inside the tar"),
        ("more.tar.gz", "is an archive inside the tar"), ("good.png", "is in it twice"),
        ("./good.png", "is in it twice"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_an_unsafe_name_refuses_the_whole_tar(name: str, reason: str, mode: str, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", mode) as archive:  # type: ignore[call-overload]
        for each in ("good.png", name):
            archive.addfile(tarfile.TarInfo(each), io.BytesIO())
    sentence = refusal(tmp_path / "a.tar")

    assert reason in sentence and "Nothing in it was read" in sentence
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_links_and_devices_are_refused(kind: bytes, tmp_path: Path) -> None:
    assert "is a link or a device" in refusal(
        tar_of(tmp_path / "a.tar", {"1.png": b""}, type=kind, linkname="/etc/passwd")
    )


def test_a_tar_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "TAR_RATIO_FROM_BYTES", 100_000)
    assert "like a bomb" in refusal(tar_of(tmp_path / "a.tar.gz", {"1.png": bytes(3_000_000)}))
    # Also if the bytes are skipped.
    assert "like a bomb" in refusal(tar_of(tmp_path / "b.tar.xz", {"1.dat": bytes(3_000_000), "1.png": b""}, "w:xz"))
    monkeypatch.setattr(tar, "MOST_ZIP_BYTES", 1000)
    assert "more than the 1,000 bytes allowed" in refusal(tar_of(tmp_path / "c.tar", {"1.png": bytes(2000)}, "w"))
    monkeypatch.setattr(tar, "MOST_ZIP_ENTRIES", 1)
    assert "more than the 1 files" in refusal(tar_of(tmp_path / "d.tar", {"1.png": b"", "2.png": b""}, "w"))


def test_a_header_that_claims_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    member = tarfile.TarInfo("long")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 2_000_000_000
    (tmp_path / "a.tar").write_bytes(member.tobuf() + bytes(1024))
    assert "longer than allowed" in refusal(tmp_path / "a.tar")


def test_a_tar_that_ends_early_is_refused(tmp_path: Path) -> None:
    path = tar_of(tmp_path / "a.tar.gz", {f"{seed}.png": png(20, 20, seed=seed) for seed in range(4)})
    path.write_bytes(path.read_bytes()[:3000])
    assert "it is damaged" in refusal(path)


def test_a_tar_without_pictures_says_so(tmp_path: Path) -> None:
    assert "there are no images in it" in refusal(tar_of(tmp_path / "a.tar", {"a.txt": b""}))


def test_a_plain_tar_may_begin_with_any_name(tmp_path: Path) -> None:
    with open_source(tar_of(tmp_path / "a.tar", {"PKLot/1.png": png(), "PKLot/2.png": png()}, "w")) as source:
        assert source.count == 2


@given(st.integers(0, 10_239), st.integers(0, 255))
def test_a_changed_tar_is_read_or_refused_with_a_reason(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    path = tar_of(tmp_path_factory.mktemp("tar") / "a.tar", {"a/1.png": png(), "b/2.png": png()}, "w")
    content = bytearray(path.read_bytes())
    content[place % len(content)] = value
    path.write_bytes(content)
    try:
        with open_source(path) as source:
            read(source, Preparation(4))
    except UnusableSource as refused:
        assert str(refused)


def test_the_files_of_a_compressed_tar_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tar_of(tmp_path / "a.tar.gz", {f"{seed}.png": png(seed=seed) for seed in range(30)})
    with open_source(path) as source:
        monkeypatch.setattr(tar, "open_unpacked", None)
        found = [np.asarray(source.picture(index).image)[0, 0, 0] for index in (29, 0, 15, 29)]
        assert found[0] == found[3]
