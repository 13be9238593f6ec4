"""Classes and splits from the names of files, as in the runs of version 0.3."""

import pytest

from pipeline.data.files.arrangement_0_3 import classes_from_names


def by_name(names: list[str], *, wrapped: bool = False) -> dict[str, str]:
    """File -> the name of its class, followed by "held out" if it is."""
    used, entries, _ = classes_from_names(names, wrapped=wrapped)
    classes = [entries.class_names[label] if entries.class_names else "" for label in entries.labels]
    held = [False] * len(used) if entries.held_out is None else entries.held_out
    return {
        name: f"{kind}{' held out' if aside else ''}" for name, kind, aside in zip(used, classes, held, strict=True)
    }


def test_the_first_folder_is_the_class_at_any_depth() -> None:
    assert by_name(["dogs/2.png", "cats/old/1.png"]) == {"dogs/2.png": "dogs", "cats/old/1.png": "cats"}


def test_files_in_no_folder_have_no_class() -> None:
    assert by_name(["2.png", "1.png"]) == {"1.png": "", "2.png": ""}
    assert classes_from_names(["1.png"])[1].class_names == ()


def test_numbered_classes_are_in_the_order_of_their_numbers() -> None:
    assert classes_from_names([f"{number}/a.png" for number in (10, 9, 0)])[1].class_names == ("0", "9", "10")


def test_folders_of_a_split_hold_the_classes() -> None:
    found = by_name(["train/cat/1.png", "train/dog/1.png", "test/cat/2.png", "val/dog/9.png"])

    assert found == {
        "train/cat/1.png": "cat",
        "train/dog/1.png": "dog",
        "test/cat/2.png": "cat held out",
        "val/dog/9.png": "dog held out",
    }


def test_a_split_without_classes_is_a_split() -> None:
    assert by_name(["train/1.png", "test/2.png"]) == {"train/1.png": "", "test/2.png": " held out"}


@pytest.mark.parametrize("names", [["train/1.png", "cats/1.png"], ["test/1.png", "val/1.png"], ["train/1.png"]])
def test_folders_that_are_not_a_complete_split_are_classes(names: list[str]) -> None:
    _, entries, _ = classes_from_names(names)

    assert entries.held_out is None
    assert entries.class_names == tuple(sorted({name.split("/")[0] for name in names}))


def test_the_folder_around_a_whole_zip_is_not_a_class() -> None:
    names = ["photos/cats/1.png", "photos/dogs/1.png"]

    assert set(by_name(names, wrapped=True).values()) == {"cats", "dogs"}
    assert set(by_name(names).values()) == {"photos"}
    assert by_name(["photos/1.png"], wrapped=True) == {"photos/1.png": "photos"}


def test_a_file_next_to_the_class_folders_is_listed_and_left_out() -> None:
    used, entries, broken = classes_from_names(["cats/1.png", "stray.png"])

    assert (used, entries.class_names) == (["cats/1.png"], ("cats",))
    assert [each.file for each in broken] == ["stray.png"]
