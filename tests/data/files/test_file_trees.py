"""Folders, zips and tars with the same files in them: read alike, whatever the files are called."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.data.files.arrangement import TreeFiles, arrange
from pipeline.data.files.opening import open_source
from pipeline.data.files.pictures import is_text
from pipeline.data.files.source import ImageSource
from pipeline.errors.data import UnusableSource
from tests.data.files.pictures import png, write


@pytest.mark.parametrize(
    "name",
    [
        "@eaDir/a.png/SYNOPHOTO_THUMB_M.png", ".ipynb_checkpoints/a-checkpoint.png", "__MACOSX/._a.png",
        "#recycle/a.png",
        ".thumbnails/a.png", "@Recycle/a.png", "$RECYCLE.BIN/a.png", "lost+found/a.png", ".Trash-1000/a.png",
        "__pycache__/a.png", ".git/a.png", "._a.png", ".thumb.png", "Catalog Previews.lrdata/a.png", "cat/@eaDir/a.png",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_thumbnails_and_caches_are_passed_over(name: str, kind: str, tmp_path: Path) -> None:
    files = {"cat/1.png": b"", "dog/1.png": b"", name: b"", "Thumbs.db": b"", "cat/desktop.ini": b""}
    with opened(tmp_path, files, kind) as source:
        assert source.entries.names == ["cat/1.png", "dog/1.png"]
        assert source.entries.class_names == ("cat", "dog")
        assert source.broken == () and not any("not named like" in note for note in source.notes)


def test_runs_of_version_0_3_keep_the_order_classes_and_split_of_then(tmp_path: Path) -> None:
    names = ("training_set/img10.png", "training_set/img2.png", "test_set/1.png", "@eaDir/1.png", "stray.png")
    write(tmp_path / "a", {name: png() for name in names})
    with open_source(tmp_path / "a", "0.3") as old, open_source(tmp_path / "a") as new:
        assert old.entries.names == [
            "@eaDir/1.png",
            "test_set/1.png",
            "training_set/img10.png",
            "training_set/img2.png",
        ]
        assert (old.entries.class_names, old.entries.held_out) == (("@eaDir", "test_set", "training_set"), None)
        assert new.entries.names == ["test_set/1.png", "training_set/img2.png", "training_set/img10.png"]


PARTS = [
    "train",
    "test",
    "Val",
    "cat",
    "dog",
    "images",
    "old",
    "unlabeled",
    "caf\u00e9",
    "cafe\u0301",
    "@eaDir",
    "10",
    "9",
]
ENDS = ["1.png", "2.jpg", "10.png", "stray.PNG", "notes.txt", "1.txt", "labels.csv", "metadata.jsonl", "dataset.json"]
TEXTS = st.sampled_from([
    b"", b"file,label\n1.png,cat\ncat/10.png,dog\n", b'{"file_name": "1.png", "text": "one", "label": 3}\n[\n',
    b'{"labels": [["cat/1.png", 3], ["1.png", 1]]}', b'{"labels": null}', b"\xff\xfe\x00", b'a,"b\nc', b"a caption",
])  # fmt: skip
NAMES = st.tuples(st.lists(st.sampled_from(PARTS), max_size=3), st.sampled_from(ENDS)).map(
    lambda t: "/".join((*t[0], t[1]))
)
TREES = st.dictionaries(NAMES, TEXTS, min_size=1, max_size=14)


@given(TREES, st.randoms())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_picture_is_used_or_left_out_once_in_any_listing_order(tree: dict[str, bytes], random: object) -> None:
    pictures = [name for name in tree if PurePosixPath(name).suffix.lower() in (".png", ".jpg")]
    texts = [name for name in tree if is_text(name)]

    def content(name: str, most: int) -> bytes:
        return tree[name][:most]

    try:
        found = arrange(TreeFiles(pictures, texts, content), "The source")
    except UnusableSource as refused:
        assert "dataset.json" in str(refused)
        return
    assert sorted([*found.names, *(each.file for each in found.left_out)]) == sorted(pictures)
    assert len(found.entries.labels) == len(found.entries.names) == len(found.names)
    assert bool(found.left_out) <= bool(found.warnings)
    if found.entries.class_names:
        trained = (
            found.entries.labels if found.entries.held_out is None else found.entries.labels[~found.entries.held_out]
        )
        assert set(found.entries.labels.tolist()) == set(trained.tolist()) == set(range(len(found.entries.class_names)))
    random.shuffle(pictures)  # type: ignore[attr-defined]
    again = arrange(TreeFiles(pictures, texts[::-1], content), "The source")
    assert (again.names, again.entries.labels.tolist()) == (found.names, found.entries.labels.tolist())
    assert (again.left_out, again.warnings, again.notes) == (found.left_out, found.warnings, found.notes)


@given(TREES)
@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_a_folder_a_zip_and_a_tar_of_the_same_files_give_the_same(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, bytes]
) -> None:
    place = tmp_path_factory.mktemp("tree")
    # A file system may hold only one of two Unicode forms, and no file below a file.
    found = [described(place, tree, kind) for kind in ("folder", "zip", "tar", "tar.gz")]
    assert found[1:] == found[:1] * 3


def described(place: Path, files: Mapping[str, bytes], kind: str) -> tuple[object, ...]:
    try:
        with opened(place, files, kind) as source:
            entries = source.entries
            held_out = None if entries.held_out is None else entries.held_out.tolist()
            captions = None if entries.captions is None else list(entries.captions)
            return list(entries.names), entries.labels.tolist(), entries.class_names, held_out, captions, source.broken
    except UnusableSource as refused:
        return (refused.reason,)


def opened(place: Path, files: Mapping[str, bytes], kind: str) -> ImageSource:
    """The same files as a folder, a zip or a tar."""
    path = place / f"files.{kind}"
    if kind == "folder":
        write(path, dict(files))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    else:
        with tarfile.open(path, "w:gz" if kind == "tar.gz" else "w") as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return open_source(path)
