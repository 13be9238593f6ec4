"""The names of files made from pictures."""

import pytest

from pipeline.sampling.restoring import file_stems


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        (["cat/a.jpg", "cat/b.png"], ["a", "b"]),
        (["cat/1.png", "dog/1.png", "dog/2.png"], ["cat_1", "dog_1", "2"]),
        (["a.jpg", "a.png", "A.gif"], ["a", "a_2", "A_3"]),
        (["cat/..png", "x/.hidden.png", "\\evil\\..\\b.png"], ["image", "hidden", "b"]),
        (["a\n\x1b[31m.png", "c:d.png"], ["a--[31m", "c-d"]),
        (["ü" * 120 + ".png"], ["ü" * 75]),
    ],
)
def test_files_bear_the_names_of_their_pictures(names: list[str], stems: list[str]) -> None:
    assert file_stems(names) == stems


@pytest.mark.parametrize("names", [[], ["images[0]", "images[1]"]])
def test_images_without_files_have_no_names(names: list[str]) -> None:
    assert file_stems(names) is None
