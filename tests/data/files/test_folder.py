"""A folder of pictures: what is found, what is listed as broken, and what must not block."""

import os
from pathlib import Path

import pytest
from PIL import Image

from pipeline.data.files import folder
from pipeline.data.files.folder import FolderSource, walk
from pipeline.errors.data import UnusableSource
from tests.data.files.pictures import encoded, noise, png, write


def reasons(source: FolderSource) -> dict[str, str]:
    return {each.file: each.reason for each in source.broken}


def test_pictures_are_recognised_by_their_endings_and_other_files_are_counted(tmp_path: Path) -> None:
    write(tmp_path, {"a.PNG": png(), "b.jpeg": b"", "read me.txt": b"", "labels.csv": b"", ".hidden.png": b""})
    source = FolderSource(tmp_path)

    assert source.entries.names == ["a.PNG", "b.jpeg"]
    assert source.notes == ("2 files are not named like pictures.",)


@pytest.mark.parametrize("files", [{}, {"a.txt": b""}, {".hidden/a.png": b""}])
def test_a_folder_without_images_says_so(files: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(UnusableSource, match="there are no images in it"):
        FolderSource(write(tmp_path, files))


def test_circular_links_end(tmp_path: Path) -> None:
    write(tmp_path, {"cats/1.png": png(), "dogs/1.png": png()})
    (tmp_path / "cats" / "up").symlink_to(tmp_path)
    (tmp_path / "cats" / "self.png").symlink_to("self.png")
    (tmp_path / "cats" / "lost.png").symlink_to("nowhere.png")
    source = FolderSource(tmp_path)

    assert source.entries.names == ["cats/1.png", "dogs/1.png"]
    assert set(reasons(source)) == {"cats/self.png", "cats/lost.png"}
    assert reasons(source)["cats/lost.png"] == "its link leads nowhere"


def test_a_link_to_a_picture_is_a_picture(tmp_path: Path) -> None:
    write(tmp_path, {"elsewhere/1.png": png(4, 5), "here/2.png": png()})
    (tmp_path / "here" / "1.png").symlink_to(tmp_path / "elsewhere" / "1.png")

    assert FolderSource(tmp_path / "here").picture(0).size == (4, 5)


def test_a_pipe_named_png_is_listed_without_blocking(tmp_path: Path) -> None:
    write(tmp_path, {"1.png": png()})
    os.mkfifo(tmp_path / "pipe.png")

    assert reasons(FolderSource(tmp_path)) == {"pipe.png": "it is not a regular file"}


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser reads everything")
def test_unreadable_files_are_listed(tmp_path: Path) -> None:
    write(tmp_path, {"open/1.png": png(), "shut/1.png": png()})
    (tmp_path / "shut").chmod(0)
    try:
        assert reasons(FolderSource(tmp_path)) == {"shut/": "permission denied"}
    finally:
        (tmp_path / "shut").chmod(0o700)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST_FOLDER_FILES", 3)
    write(tmp_path, {f"{number}/a.{ending}": b"" for number in range(2) for ending in ("png", "txt")})

    with pytest.raises(UnusableSource, match="more than 3 files"):
        walk(tmp_path)


def test_names_are_made_legible(tmp_path: Path) -> None:
    write(tmp_path, {"line\nbreak.png": png()})
    with (tmp_path / os.fsdecode(b"\xff.png")).open("wb") as file:
        file.write(png())

    assert FolderSource(tmp_path).entries.names == ["line\\x0abreak.png", "\\xff.png"]


def test_the_signature_changes_with_any_picture(tmp_path: Path) -> None:
    write(tmp_path, {"a.png": png(), "b.png": png()})
    before = FolderSource(tmp_path).signature()

    assert FolderSource(tmp_path).signature() == before
    os.utime(tmp_path / "b.png", (1, 1))
    assert FolderSource(tmp_path).signature() != before


@pytest.mark.parametrize(("grey", "colour", "expected"), [(3, 1, True), (1, 3, False), (2, 2, False)])
def test_the_mode_of_most_pictures_decides(grey: int, colour: int, expected: bool, tmp_path: Path) -> None:
    files = {f"g{number}.png": png(channels=1) for number in range(grey)}
    files |= {f"c{number}.png": png() for number in range(colour)}
    write(tmp_path, files | {"broken.png": b""})

    assert FolderSource(tmp_path).grey() is expected


def test_each_name_has_its_own_picture(tmp_path: Path) -> None:
    write(tmp_path, {f"{side}.png": encoded(Image.fromarray(noise(side, 3, 1))) for side in (1, 2, 3)})
    source = FolderSource(tmp_path)

    assert [source.picture(index).size for index in range(3)] == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("name", ["ant", "zebra"])
def test_a_link_to_a_class_folder_is_passed_over_with_a_word_and_the_folder_stays(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"cats/1.png": png(), "dogs/1.png": png()})
    (tmp_path / name).symlink_to(tmp_path / "cats")
    source = FolderSource(tmp_path)

    assert source.entries.names == ["cats/1.png", "dogs/1.png"]
    assert source.warnings == (f"Passed over, since they are links to folders that are read already: {name}.",)
