"""A zip of pictures is read in place, and refused as a whole if an entry is unsafe."""

import io
import stat
import struct
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.data.files import archive, zipped
from pipeline.data.files.archive import ZipSource
from pipeline.data.files.archive_members import unsafe_name
from pipeline.errors.data import BrokenImage, UnusableSource
from tests.data.files.pictures import png

Entry = str | zipfile.ZipInfo


def zip_of(path: Path, entries: dict[Entry, bytes], pack: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", pack) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UnusableSource) as refused:
        ZipSource(path)
    return str(refused.value)


def test_a_zip_is_read_like_the_folder_in_it(tmp_path: Path) -> None:
    path = zip_of(
        tmp_path / "a.zip",
        {
            "photos/cats/1.png": png(4, 5),
            "photos/dogs/1.png": png(6, 7),
            "photos/dogs/.DS_Store": b"",
            "photos/a.txt": b"",
        },
    )
    before = sorted(tmp_path.rglob("*"))
    with ZipSource(path) as source:
        assert source.entries.class_names == ("cats", "dogs")
        assert [source.picture(index).size for index in range(2)] == [(4, 5), (6, 7)]
        assert source.notes == ("1 file is not named like a picture.",)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["photos\\cats\\1.png", "__MACOSX/photos/._1.png"])
def test_files_that_systems_add_to_zips_are_ignored(name: str, tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"photos/cats/2.png": png(), name: png()})
    with ZipSource(path) as source:
        assert source.entries.class_names == ("cats",) if "\\" in name else source.count == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil.png", "leads out of the zip"),
        ("a/../../evil.png", "leads out of the zip"),
        ("a\\..\\..\\evil.png", "leads out of the zip"),
        ("..", "leads out of the zip"),
        ("/etc/evil.png", "is an absolute path"),
        ("\\evil.png", "is an absolute path"),
        ("C:/evil.png", "begins with a drive letter"),
        ("c:evil.png", "begins with a drive letter"),
        ("evil\n.png", "has control characters"),
    ],
)
def test_a_name_that_leads_elsewhere_refuses_the_whole_zip(name: str, reason: str, tmp_path: Path) -> None:
    sentence = refusal(zip_of(tmp_path / "a.zip", {"good.png": png(), name: png()}))

    assert reason in sentence and "Nothing in it was read" in sentence
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_name_with_a_zero_byte_is_checked_as_a_whole(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"a/good.png_x": png(), "b.png": png()})
    path.write_bytes(path.read_bytes().replace(b"good.png_x", b"good.png\0x"))

    assert "has control characters" in refusal(path)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_refuse_the_whole_zip(kind: int, tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("link.png")
    entry.external_attr = (kind | 0o777) << 16

    assert "is a link or a device" in refusal(zip_of(tmp_path / "a.zip", {"good.png": png(), entry: b"/etc/passwd"}))


@pytest.mark.parametrize("name", ["inner.zip", "inner.tar.gz", "a/inner.7Z", "arrays.npz"])
def test_an_archive_in_the_archive_refuses_it(name: str, tmp_path: Path) -> None:
    assert "is an archive inside the zip" in refusal(zip_of(tmp_path / "a.zip", {"good.png": png(), name: b""}))


def test_an_encrypted_entry_refuses_it(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"good.png": png()})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)

    assert "is encrypted" in refusal(path)


@pytest.mark.parametrize("pack", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_other_than_deflate_is_refused(pack: int, tmp_path: Path) -> None:
    assert "not compressed with deflate" in refusal(zip_of(tmp_path / "a.zip", {"good.png": png()}, pack))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_the_same_name_twice_refuses_it(tmp_path: Path) -> None:
    again = zipfile.ZipInfo("a.png")
    assert "is in it twice" in refusal(zip_of(tmp_path / "a.zip", {"a.png": png(), again: png(seed=1)}))


def test_one_entry_that_unpacks_to_far_more_refuses_it(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"good.png": png(200, 200), "bomb.png": bytes(3_000_000)})

    assert "'bomb.png' unpacks to" in refusal(path)


def test_many_small_bombs_are_refused_together(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {f"{number}.png": bytes(900_000) for number in range(9)})

    assert "times its size, like a zip bomb" in refusal(path)


def test_more_files_than_allowed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_ZIP_ENTRIES", 5)

    assert "lists 6 files, more than the 5 allowed" in refusal(
        zip_of(tmp_path / "a.zip", {f"{number}.txt": b"" for number in range(6)})
    )


@pytest.mark.slow  # writing a zip of 100,000 files takes seconds
def test_a_hundred_thousand_files_are_refused_quickly(tmp_path: Path) -> None:
    assert "lists 100,000 files" in refusal(
        zip_of(tmp_path / "a.zip", {f"{number}.png": b"" for number in range(100_000)}, zipfile.ZIP_STORED)
    )


def test_a_table_of_contents_of_gigabytes_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zip_of(tmp_path / "a.zip", {f"{number}.png": png() for number in range(9)})
    monkeypatch.setattr(zipped, "MOST_ZIP_DIRECTORY_BYTES", 100)

    assert "its table of contents is longer" in refusal(path)


def test_more_bytes_than_allowed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_ZIP_BYTES", 1_000)

    assert "would unpack to" in refusal(zip_of(tmp_path / "a.zip", {"a.png": png(30, 30)}))


def test_a_false_size_breaks_only_its_own_file(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"bomb.png": bytes(50_000_000), "good.png": png()})
    content = bytearray(path.read_bytes())
    for place, offset in ((content.index(b"PK\3\4"), 22), (content.index(b"PK\1\2"), 24)):
        content[place + offset : place + offset + 4] = struct.pack("<I", 900)
    path.write_bytes(content)

    with ZipSource(path) as source:
        with pytest.raises(BrokenImage, match="damaged in the zip"):
            source.content(0)
        assert source.picture(1).size == (8, 8)


def test_unpacked_bytes_are_counted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zip_of(tmp_path / "a.zip", {"a.png": png()})
    with ZipSource(path) as source:
        monkeypatch.setattr(archive, "MOST_ZIP_BYTES", 100)
        with pytest.raises(UnusableSource, match="it unpacks to more than"):
            for _ in range(3):
                source.content(0)


def test_a_damaged_entry_is_broken_and_the_rest_is_read(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"a.png": png(20, 20), "b.png": png()}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[100] ^= 0xFF
    path.write_bytes(content)

    with ZipSource(path) as source:
        with pytest.raises(BrokenImage, match="damaged in the zip"):
            source.picture(0)
        assert source.picture(1).size == (8, 8)


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.99])
def test_a_zip_cut_short_is_damaged(cut: float, tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"a.png": png(), "b.png": png()})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * cut)])

    assert "it is damaged" in refusal(path)


@pytest.mark.parametrize("entries", [{}, {"a.txt": b"", "folder/": b""}])
def test_a_zip_without_images_says_so(entries: dict[Entry, bytes], tmp_path: Path) -> None:
    assert "there are no images in it" in refusal(zip_of(tmp_path / "a.zip", entries))


@given(st.text(max_size=12), st.sampled_from(["../", "..\\", "/", "\\", "C:", "a/../../", "\0"]), st.text(max_size=12))
@example(before="0:", way_out="../", after="")
def test_no_name_with_a_way_out_in_it_is_safe(before: str, way_out: str, after: str) -> None:
    name = before + way_out + after
    parts = name.replace("\\", "/").split("/")
    leads_out = name[:1] in ("/", "\\") or ".." in parts or "\0" in name or name[1:2] == ":"

    assert bool(unsafe_name(name)) or not leads_out


@given(st.binary(max_size=400))
def test_a_zip_with_another_end_is_refused_or_read(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.png", png())
    path = tmp_path_factory.mktemp("zips") / "a.zip"
    content = buffer.getvalue()
    path.write_bytes(content[: len(content) - len(tail)] + tail)
    try:
        with ZipSource(path) as source:
            source.content(0)
    except (UnusableSource, BrokenImage) as refused:
        assert str(refused).endswith(".")


def test_many_threads_may_read_at_once(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {f"{side:02}.png": png(side, side) for side in range(1, 40)})
    with ZipSource(path) as source, ThreadPoolExecutor(8) as pool:
        sizes = [picture.size for picture in pool.map(source.picture, range(39))]
    assert sizes == [(side, side) for side in range(1, 40)]
