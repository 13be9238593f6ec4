"""Which pictures are used, in which order, with which classes, split and captions; no picture is decoded."""

from collections.abc import Mapping

import pytest

from pipeline.data.files.arrangement import Arrangement, TreeFiles, arrange


def arranged(*names: str, texts: Mapping[str, str] | None = None) -> Arrangement:
    """The arrangement of pictures with these names, and of text files with these contents."""
    contents = {name: text.encode() for name, text in (texts or {}).items()}
    tree = TreeFiles(names, list(contents), lambda name, most: contents[name][:most], "/photos")
    return arrange(tree, "The source")


def labelled(found: Arrangement) -> dict[str, str]:
    """File -> the name of its class, followed by "held out" if it is."""
    entries = found.entries
    classes = [entries.class_names[label] if entries.class_names else "" for label in entries.labels]
    aside = [False] * len(classes) if entries.held_out is None else entries.held_out
    return {
        name: f"{word}{' held out' if held else ''}"
        for name, word, held in zip(found.names, classes, aside, strict=True)
    }


def both_sides(train: str, test: str) -> tuple[str, ...]:
    return tuple(
        f"{part}/{animal}/{number}.png" for part in (train, test) for animal in ("cat", "dog") for number in "12"
    )


SPLITS = [
    ("train", "test"), ("Train", "Test"), ("TRAIN", "VAL"), ("training", "validation"), ("training_set", "test_set"),
    ("train_set", "valid"), ("trainset", "testset"), ("seg_train", "seg_test"), ("train2017", "val2017"),
    ("Training", "Testing"), ("train", "holdout"), ("train", "held-out"), ("train", "eval"), ("train", "dev"),
    ("train_images", "test_images"), ("TrainingSet", "ValidationSet"), ("trainval", "test"), ("flowers_train", "test"),
]  # fmt: skip


@pytest.mark.parametrize(("train", "test"), SPLITS)
def test_folders_with_the_usual_names_of_a_split_are_one(train: str, test: str) -> None:
    found = arranged(*both_sides(train, test))

    assert found.entries.class_names == ("cat", "dog")
    assert [name.split("/")[0] for name, held in labelled(found).items() if held.endswith("held out")] == [test] * 4
    assert found.left_out == [] and found.warnings == []


def test_a_stray_picture_beside_a_split_is_named_and_not_decisive() -> None:
    found = arranged("preview.png", *both_sides("train", "test"))

    assert found.entries.class_names == ("cat", "dog") and found.entries.held_out is not None
    assert found.left_out == [("preview.png", "it is next to the folders of the split, not in one")]
    assert found.warnings == ["1 picture is left out, next to the folders of the split, not in one: preview.png."]


@pytest.mark.parametrize("extra", ["results", "unlabeled", "extra", "pred", "seg_pred", "other"])
def test_a_third_folder_beside_a_split_is_left_out_and_said(extra: str) -> None:
    found = arranged(f"{extra}/1.png", *both_sides("seg_train", "seg_test"))

    assert found.entries.class_names == ("cat", "dog") and len(found.names) == 8
    assert [each.file for each in found.left_out] == [f"{extra}/1.png"]
    assert f"{extra}/1.png" in found.warnings[0]


@pytest.mark.parametrize("around", ["photos/", "photos/raw/", "a/b/c/d/"])
def test_folders_around_everything_are_ignored_also_around_a_split(around: str) -> None:
    names = [around + name for name in both_sides("train", "test")]

    assert labelled(arranged(*names)) == {
        around + k: v for k, v in labelled(arranged(*both_sides("train", "test"))).items()
    }
    assert arranged(f"{around}cat/1.png", f"{around}dog/1.png").entries.class_names == ("cat", "dog")


def test_a_folder_beside_the_one_around_a_split_is_left_out() -> None:
    found = arranged(*(f"data/{name}" for name in both_sides("train", "test")), "thumbs/1.png")
    assert found.entries.class_names == ("cat", "dog") and [each.file for each in found.left_out] == ["thumbs/1.png"]


def test_folders_around_the_classes_inside_of_a_split_are_ignored() -> None:
    found = arranged("train/images/cat/1.png", "train/images/dog/1.png", "test/images/cat/1.png")
    assert found.entries.class_names == ("cat", "dog") and found.warnings == []

    assert arranged("images/train/1.png", "images/val/2.png").entries.class_names == ()
    assert arranged("train/images/1.png", "test/images/2.png").entries.class_names == ()


def test_a_split_inside_of_each_class_is_one() -> None:
    found = arranged("cat/train/1.png", "cat/test/2.png", "dog/train/1.png", "dog/test/2.png")

    assert labelled(found) == {
        "cat/test/2.png": "cat held out", "cat/train/1.png": "cat",
        "dog/test/2.png": "dog held out", "dog/train/1.png": "dog",
    }  # fmt: skip


def test_a_class_with_only_one_side_of_a_split_inside_is_still_a_class() -> None:
    found = arranged("cat/train/1.png", "cat/test/2.png", "dog/train/1.png")
    assert sorted(labelled(found).values()) == ["cat", "cat held out", "dog"]


def test_what_tells_the_folders_of_a_split_apart_is_the_class() -> None:
    found = arranged("trainA/1.png", "trainB/1.png", "testA/2.png", "testB/2.png")
    assert sorted(labelled(found).values()) == ["a", "a held out", "b", "b held out"]


def test_one_side_of_a_split_alone_is_no_class() -> None:
    assert labelled(arranged("train/cat/1.png", "train/dog/1.png")) == {
        "train/cat/1.png": "cat",
        "train/dog/1.png": "dog",
    }
    assert arranged("train/1.png", "train/2.png").entries.class_names == ()

    found = arranged("train/cat/1.png", "train/dog/1.png", "unlabeled/1.png")
    assert found.entries.class_names == ("cat", "dog") and found.entries.held_out is None
    assert [each.file for each in found.left_out] == ["unlabeled/1.png"]

    found = arranged("val/cat/1.png", "test/dog/1.png")
    assert found.entries.class_names == ("cat", "dog") and "one side of a split" in found.warnings[0]


def test_classes_beside_a_test_folder_with_the_same_classes_are_for_training() -> None:
    found = arranged("cat/1.png", "dog/1.png", "test/cat/2.png", "test/dog/2.png")
    assert sorted(labelled(found).values()) == ["cat", "cat held out", "dog", "dog held out"]


def test_test_images_without_class_folders_are_left_out_and_a_share_is_held_out() -> None:
    found = arranged("train/cat/1.png", "train/dog/1.png", "test/1.png", "test/2.png")

    assert found.entries.class_names == ("cat", "dog") and found.entries.held_out is None
    assert [each.file for each in found.left_out] == ["test/1.png", "test/2.png"]
    assert "a share of the training images is held out instead" in " ".join(found.warnings) and found.notes == []


def test_a_class_that_is_only_held_out_is_not_counted() -> None:
    found = arranged(*both_sides("train", "test"), "test/Fox/1.png", "test/Fox/2.png")

    assert found.entries.class_names == ("cat", "dog") and len(found.names) == 8
    assert {each.file for each in found.left_out} == {"test/Fox/1.png", "test/Fox/2.png"}
    assert found.warnings == [
        "The class Fox is held out alone, never trained on: it is not counted, and its 2 images are left out."
    ]


@pytest.mark.parametrize("name", ["train", "test", "Validation", "training_set", "unlabeled"])
def test_a_class_named_like_a_part_of_a_split_is_a_warning(name: str) -> None:
    found = arranged("bus/1.png", f"{name}/1.png", "car/1.png")

    assert set(found.entries.class_names) == {"bus", "car", name}
    assert f"The class {name} is named like a part of a split" in found.warnings[0]


@pytest.mark.parametrize("name", ["train_station", "test_tube", "trained", "contest", "invalid", "developer"])
def test_a_class_whose_name_only_contains_such_a_word_is_none(name: str) -> None:
    assert arranged("bus/1.png", f"{name}/1.png").warnings == []


def test_other_classes_that_are_probably_not_meant_are_warnings() -> None:
    assert "All images are of one class, cat" in arranged("cat/1.png").warnings[0]
    assert "Cat and cat differ only in capitals" in arranged("Cat/1.png", "cat/1.png").warnings[0]
    assert "are numbered" in arranged("00000/1.png", "00001/1.png").warnings[0]


def test_classes_one_folder_deeper_are_said_with_the_choice() -> None:
    found = arranged("a/airfield/1.png", "b/bar/1.png")

    assert found.entries.class_names == ("a", "b")
    assert (
        "Class folders hold only folders (a/airfield and b/bar): the outer ones are taken as classes"
        in found.warnings[0]
    )
    assert "such as /photos/a" in found.warnings[0]


def test_one_class_folder_with_several_folders_and_no_pictures_is_said() -> None:
    found = arranged("PetImages/Cat/1.png", "PetImages/Dog/1.png", "other/1.png")
    assert "PetImages/Cat and PetImages/Dog" in found.warnings[0] and "such as /photos/PetImages" in found.warnings[0]


def test_some_folders_inside_of_class_folders_are_a_note() -> None:
    found = arranged("cats/1.png", "cats/old/2.png", "dogs/1.png")

    assert labelled(found) == {"cats/1.png": "cats", "cats/old/2.png": "cats", "dogs/1.png": "dogs"}
    assert found.warnings == [] and "cats/old" in found.notes[0]


def test_loose_pictures_beside_a_small_folder_are_the_set() -> None:
    found = arranged(*(f"{number}.png" for number in range(60)), *(f"old/{number}.png" for number in range(8)))

    assert len(found.names) == 60 and found.entries.class_names == ()
    assert found.warnings == ["8 pictures are left out, in a folder next to more pictures, which are the set: old (8)."]


def test_loose_pictures_beside_larger_class_folders_are_left_out() -> None:
    found = arranged("stray.png", *(f"{animal}/{number}.png" for animal in ("cat", "dog") for number in range(3)))

    assert found.entries.class_names == ("cat", "dog")
    assert found.left_out == [("stray.png", "it is next to the class folders, not in one")]
    assert "stray.png" in found.warnings[0]


def test_numbers_inside_of_names_sort_as_numbers() -> None:
    assert arranged("img10.png", "img2.png", "img1.png").names == ["img1.png", "img2.png", "img10.png"]
    names = ("class10/1.png", "class2/10.png", "class2/9.png")
    assert arranged(*names).entries.class_names == ("class2", "class10")
    assert arranged(*names).names == ["class2/9.png", "class2/10.png", "class10/1.png"]
    assert arranged(*(f"{number}/1.png" for number in (10, 9, 0))).entries.class_names == ("0", "9", "10")
    assert len(arranged(*(f"{'9' * count}.png" for count in (6000, 5000))).names[0]) == 5004


def test_a_class_typed_in_two_unicode_forms_is_one() -> None:
    found = arranged("caf\u00e9/1.png", "cafe\u0301/2.png", "bar/1.png")
    assert found.entries.class_names == ("bar", "caf\u00e9")


def test_folders_unpacked_into_one_of_their_own_name_are_understood_on_each_side_of_a_split() -> None:
    found = arranged(
        "letters_train/letters_train/A/1.png", "letters_train/letters_train/B/1.png", "letters_test/letters_test/A.png"
    )

    assert found.entries.class_names == ("A", "B")
    assert [each.file for each in found.left_out] == ["letters_test/letters_test/A.png"]
