"""An upload is stored under its name if it is safe and has images, and leaves nothing behind if not."""

import importlib
import io
import os
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.data.files.opening import UPLOADS
from pipeline.data.report import report_on
from pipeline.data.uploads import (
    ENDINGS,
    DatasetFiles,
    Uploaded,
    group_files,
    keep,
    remove,
    source_of,
    upload_of,
    uploads,
)
from pipeline.errors.base import GenscopeError
from pipeline.errors.data import UnknownUpload, UnusableSource, UnusableUpload, UploadExists
from pipeline.errors.machine import CannotWrite
from tests.data.files.pictures import png


def zipped(*names: str, content: bytes | None = None) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for seed, name in enumerate(names):
            archive.writestr(name, png(seed=seed) if content is None else content)
    return stream.getvalue()


def arrays(**named: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **named)
    return stream.getvalue()


def one(name: str, content: bytes | None = None) -> DatasetFiles:
    """A file that is a data set by itself."""
    return DatasetFiles(
        name, (Uploaded(name, zipped("a/1.png", "b/2.png") if content is None else content),), folder=False
    )


def lying(home: Path) -> list[str]:
    """Everything in the uploads folder, hidden entries included."""
    return sorted(path.name for path in (home / UPLOADS).glob("*"))


def test_a_zip_is_kept_and_can_be_reported_on_by_its_name(tmp_path: Path) -> None:
    kept = keep(one("photos.zip"), tmp_path)
    assert uploads(tmp_path) == (kept,)
    assert (kept.name, kept.size) == ("photos.zip", len(zipped("a/1.png", "b/2.png")))
    assert report_on(source_of("photos.zip", tmp_path), tmp_path).count == 2
    assert upload_of("photos.zip", tmp_path) == "photos.zip"


def test_single_pictures_become_one_folder_and_two_of_one_name_both_stay(tmp_path: Path) -> None:
    files = [Uploaded("1.png", png()), Uploaded("2.JPG", png(seed=1)), Uploaded("1.png", png(seed=2))]
    (parcel,) = group_files(files, " holiday ")
    kept = keep(parcel, tmp_path)
    assert kept.name == "holiday"
    folder = tmp_path / UPLOADS / "holiday"
    assert {path.name for path in folder.iterdir()} == {"1.png", "2.JPG", "1 (2).png"}
    assert uploads(tmp_path)[0].size == kept.size == sum(len(file.content) for file in files)


def test_the_files_of_an_upload_are_grouped_into_data_sets() -> None:
    names = ["a.zip", "b.npz", "c.tar.gz", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "1.png", "2.png"]
    found = group_files([Uploaded(name, b"") for name in names], "mine")
    assert [(parcel.name, len(parcel.files), parcel.folder) for parcel in found] == [
        ("a.zip", 1, False), ("b.npz", 1, False), ("c.tar.gz", 1, False), ("mine", 2, True), ("mine pictures", 2, True),
    ]  # fmt: skip
    (alone,) = group_files([Uploaded("t10k-images-idx3-ubyte.gz", b"")], "mine")
    assert alone.name == "t10k-images-idx3-ubyte.gz" and not alone.folder


def test_a_taken_name_is_refused_and_replaced_only_on_request(tmp_path: Path) -> None:
    keep(one("photos.zip"), tmp_path)
    other = one("photos.zip", zipped("1.png"))
    with pytest.raises(UploadExists, match=r"'photos\.zip' already"):
        keep(other, tmp_path)
    assert report_on("photos.zip", tmp_path).count == 2
    keep(other, tmp_path, replacing=True)
    assert report_on("photos.zip", tmp_path).count == 1
    folder = DatasetFiles("photos.zip", (Uploaded("1.png", png()),), folder=True)
    assert keep(folder, tmp_path, replacing=True).name == "photos.zip"
    assert lying(tmp_path) == ["photos.zip"]


def test_two_simultaneous_uploads_of_one_name_do_not_overwrite_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(keep.__module__)
    check = module._require_source

    def somebody_is_quicker(path: Path, name: str) -> None:
        check(path, name)
        (tmp_path / UPLOADS / name).write_bytes(b"theirs")

    monkeypatch.setattr(module, "_require_source", somebody_is_quicker)
    with pytest.raises(UploadExists):
        keep(one("photos.zip"), tmp_path)
    assert (tmp_path / UPLOADS / "photos.zip").read_bytes() == b"theirs"
    assert lying(tmp_path) == ["photos.zip"]


HOSTILE = {
    "out.zip": (zipped("../../evil.png"), "leads out of the zip"),
    "bomb.zip": (zipped("a.png", content=bytes(30_000_000)), "like a zip bomb"),
    "empty.zip": (zipped(), "there are no images in it"),
    "nested.zip": (zipped("a.zip"), "archive inside the zip"),
    "text.zip": (b"not a zip", "its name ends in .zip, but its content is of another kind"),
    "nothing.npz": (b"", "it is empty"),
    "objects.npz": (arrays(images=np.array([{}], dtype=object)), "pickled Python objects"),
    "run.gz": (pickle.dumps([1, 2, 3]), ""),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_safe_or_has_no_images_is_refused_with_its_reason_and_removed(name: str, tmp_path: Path) -> None:
    content, reason = HOSTILE[name]
    with pytest.raises(UnusableSource) as refused:
        keep(one(name, content), tmp_path)
    sentence = str(refused.value)
    assert sentence.startswith(f"'{name}' cannot be used: ") and reason in sentence
    assert sentence.endswith("Nothing was stored.")
    assert str(tmp_path) not in sentence
    assert lying(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil.zip", "another folder"), ("/etc/evil.zip", "another folder"), ("a\\b.zip", "another folder"),
        ("..", "another folder"), (".hidden.zip", "begins with a dot"), ("", "no name"), ("  ", "no name"),
        ("a\nb.zip", "unprintable"), ("a\0b.zip", "unprintable"), ("gpj\u202egnp.zip", "unprintable"),
        ("x" * 101, "longer than 100"), ("é" * 100 + "é", "longer than 100"),
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_or_cannot_be_shown_is_refused(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableUpload, match=reason):
        keep(one(name), tmp_path)
    with pytest.raises(UnusableUpload, match=reason):
        keep(DatasetFiles("folder", (Uploaded(name, png()),), folder=True), tmp_path)
    assert lying(tmp_path) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=120))
def test_no_file_name_leads_out_of_the_uploads_folder(name: str, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if UPLOADS not in path.parts}
    try:
        kept = keep(one(name, CONTENT), tmp_path)
    except GenscopeError:
        kept = None
    assert {path for path in tmp_path.rglob("*") if UPLOADS not in path.parts} == before
    assert lying(tmp_path) == ([kept.name] if kept else [])
    if kept:
        remove(kept.name, tmp_path)


CONTENT = zipped("1.png")


def test_an_upload_is_deleted_and_nothing_else_can_be(tmp_path: Path) -> None:
    keep(one("photos.zip"), tmp_path)
    keep(DatasetFiles("folder", (Uploaded("1.png", png()),), folder=True), tmp_path)
    (tmp_path / "genscope.sqlite").write_bytes(b"runs")
    for name in ("../genscope.sqlite", str(tmp_path / "genscope.sqlite"), "..", "", "photos"):
        with pytest.raises(UnknownUpload):
            remove(name, tmp_path)
    remove("photos.zip", tmp_path)
    remove("folder", tmp_path)
    assert uploads(tmp_path) == () and lying(tmp_path) == []
    assert (tmp_path / "genscope.sqlite").read_bytes() == b"runs"


def test_an_upload_is_named_by_its_path_if_its_name_means_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    (here / "photos.zip").mkdir(parents=True)
    monkeypatch.chdir(here)
    keep(one("photos.zip"), tmp_path)
    assert source_of("photos.zip", tmp_path) == str(tmp_path / UPLOADS / "photos.zip")
    assert upload_of("photos.zip", tmp_path) == ""
    assert upload_of(source_of("photos.zip", tmp_path), tmp_path) == "photos.zip"
    assert upload_of("no such thing", tmp_path) == ""


def test_without_a_folder_of_uploads_there_are_none(tmp_path: Path) -> None:
    assert uploads(tmp_path / "no home") == ()


def test_a_full_disk_is_reported(tmp_path: Path) -> None:
    (tmp_path / UPLOADS).write_bytes(b"a file where the folder would be")
    with pytest.raises(CannotWrite, match=UPLOADS):
        keep(one("photos.zip"), tmp_path)


def test_the_newest_upload_comes_first(tmp_path: Path) -> None:
    for seconds, name in ((100, "old.zip"), (200, "new.zip")):
        keep(one(name), tmp_path)
        os.utime(tmp_path / UPLOADS / name, (seconds, seconds))
    assert [upload.name for upload in uploads(tmp_path)] == ["new.zip", "old.zip"]


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz", "a.txz"])
def test_a_tar_of_pictures_is_a_data_set_by_itself(name: str, tmp_path: Path) -> None:
    stream = io.BytesIO()
    modes = {"tar": "w", "gz": "w:gz", "tgz": "w:gz", "bz2": "w:bz2", "xz": "w:xz", "txz": "w:xz"}
    with tarfile.open(fileobj=stream, mode=modes[name.rpartition(".")[2]]) as archive:  # type: ignore[call-overload]
        for seed, picture in enumerate(("cat/1.png", "dog/1.png")):
            member = tarfile.TarInfo(picture)
            member.size = len(png(seed=seed))
            archive.addfile(member, io.BytesIO(png(seed=seed)))
    (parcel,) = group_files([Uploaded(name, stream.getvalue())], "pictures")
    assert not parcel.folder and name.rpartition(".")[2] in ENDINGS

    assert keep(parcel, tmp_path).name == name
    assert dict(report_on(str(tmp_path / UPLOADS / name), tmp_path).classes) == {"cat": 1, "dog": 1}
