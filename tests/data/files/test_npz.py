"""Images in an .npz: how arrays are interpreted, and what is refused before any memory is allocated."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.data.files.arrays import ArraySource
from pipeline.data.files.npz import open_npz
from pipeline.data.files.shades import as_image, scales_of
from pipeline.errors.data import UnusableSource
from tests.data.files.pictures import noise


def npz(path: Path, **arrays: Any) -> Path:
    np.savez(path / "a.npz", **arrays)
    return path / "a.npz"


def shades(source: ArraySource) -> NDArray[np.uint8]:
    scales = scales_of(source.counts().result(), "as stored", "The array")
    return np.stack([np.asarray(as_image(source.picture(index).image, scales)) for index in range(source.count)])


def refusal(path: Path) -> str:
    with pytest.raises(UnusableSource) as refused:
        source = open_npz(path)
        source.picture(0)
    return str(refused.value)


def grey(count: int, side: int = 6) -> NDArray[np.uint8]:
    return noise(count, side * side, 1, seed=count).reshape(count, side, side)


def test_medmnist_keeps_its_own_split(tmp_path: Path) -> None:
    train, val, test = grey(5), grey(3), grey(2)
    path = npz(
        tmp_path,
        train_images=train, val_images=val, test_images=test,
        train_labels=np.array([[0], [1], [2], [1], [0]]), val_labels=np.array([[2], [2], [0]]),
        test_labels=np.array([[1], [1]]),
    )  # fmt: skip
    source = open_npz(path)

    assert np.array_equal(shades(source), np.concatenate([train, val, test]))
    assert source.entries.held_out is not None
    assert source.entries.held_out.tolist() == [False] * 5 + [True] * 5
    assert source.entries.labels.tolist() == [0, 1, 2, 1, 0, 2, 2, 0, 1, 1]
    assert source.entries.class_names == ("0", "1", "2")
    assert source.entries.names[5] == "val_images[0]"


@pytest.mark.parametrize(("images", "labels"), [("images", "labels"), ("x", "y"), ("X", "Y"), ("pixels", "labels")])
def test_plain_arrays_of_images_and_labels_are_recognised_by_name(images: str, labels: str, tmp_path: Path) -> None:
    source = open_npz(npz(tmp_path, **{images: grey(4), labels: np.array([7, 3, 7, 3])}))

    assert (source.entries.class_names, source.entries.labels.tolist()) == (("3", "7"), [1, 0, 1, 0])
    assert source.entries.held_out is None


def test_images_without_labels_have_no_classes(tmp_path: Path) -> None:
    source = open_npz(npz(tmp_path, images=grey(3)))

    assert (source.entries.class_names, source.notes) == ((), ("It has no labels.",))


def test_labels_of_several_values_are_not_classes(tmp_path: Path) -> None:
    source = open_npz(npz(tmp_path, images=grey(3), labels=np.zeros((3, 14), int)))

    assert source.entries.class_names == ()
    assert "14 values each" in source.notes[0]


def test_labels_may_be_words(tmp_path: Path) -> None:
    source = open_npz(npz(tmp_path, images=grey(3), labels=np.array(["dog", "cat", "dog"])))

    assert (source.entries.class_names, source.entries.labels.tolist()) == (("cat", "dog"), [1, 0, 1])


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([0, 128, 255], np.int64), [0, 128, 255]),
        (np.array([0, 257, 65_535], np.uint16), [0, 1, 255]),
        (np.array([0.0, 0.5, 1.0], np.float32), [0, 128, 255]),
        (np.array([0.0, 127.6, 255.0]), [0, 128, 255]),
        (np.array([False, True, True]), [0, 255, 255]),
    ],
)
def test_numbers_become_shades(array: NDArray[Any], expected: list[int], tmp_path: Path) -> None:
    assert shades(open_npz(npz(tmp_path, images=array.reshape(1, 1, 3)))).reshape(-1).tolist() == expected


@pytest.mark.parametrize(
    "array", [np.array(["a", "b"]), np.array([1j, 0]), np.array(["2020-01-01"] * 2, "datetime64[D]"), np.zeros(2, "V4")]
)
def test_what_is_no_number_is_refused(array: NDArray[Any], tmp_path: Path) -> None:
    sentence = refusal(npz(tmp_path, images=array.reshape(1, 1, 2)))

    assert "The array 'images' of" in sentence and "cannot be shades" in sentence


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((2, 5, 7), (5, 7, 1)), ((2, 5, 7, 3), (5, 7, 3)), ((2, 3, 5, 7), (5, 7, 3)), ((2, 1, 5, 7), (5, 7, 1))],
)
def test_accepted_shapes_of_images(shape: tuple[int, ...], expected: tuple[int, int, int], tmp_path: Path) -> None:
    pixels = noise(1, int(np.prod(shape)), 1).reshape(shape)
    source = open_npz(npz(tmp_path, images=pixels))

    assert source.shape == expected
    last = pixels if shape[-1] == 3 else pixels.transpose(0, 2, 3, 1) if len(shape) == 4 else pixels[..., None]
    assert np.array_equal(shades(source).reshape(2, *expected), last)


def test_fortran_order_is_respected(tmp_path: Path) -> None:
    pixels = np.asfortranarray(grey(3))

    assert np.array_equal(shades(open_npz(npz(tmp_path, images=pixels))), pixels)


@pytest.mark.parametrize("shape", [(), (4,), (4, 4), (1, 2, 3, 4, 5), (2, 4, 4, 7), (2, 0, 4)])
def test_other_shapes_are_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    assert "The array 'images' of" in refusal(npz(tmp_path, images=np.zeros(shape, np.uint8)))


def test_pickled_objects_are_refused_and_never_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return ran.touch, ()

    for images in ("images", "other"):
        sentence = refusal(npz(tmp_path, **{images: np.array([Trap()], dtype=object)}))
        assert "pickled Python objects" in sentence
    assert not ran.exists()


def test_unknown_arrays_are_listed(tmp_path: Path) -> None:
    sentence = refusal(npz(tmp_path, weights=np.zeros(3), biases=np.zeros(3)))

    assert "(it has weights, biases)" in sentence and "`images` and `labels`" in sentence


def test_labels_of_another_count_are_refused(tmp_path: Path) -> None:
    assert "there are 3 images, but its shape is 2" in refusal(npz(tmp_path, images=grey(3), labels=np.zeros(2, int)))


def test_parts_of_different_sizes_are_refused(tmp_path: Path) -> None:
    sentence = refusal(npz(tmp_path, x_train=grey(2, 6), x_test=grey(2, 7)))

    assert "x_train 6×6×1, x_test 7×7×1" in sentence


def forged(path: Path, header: str, content: bytes = b"") -> Path:
    """An .npz with this header for its array `images`."""
    text = header.encode("latin1")
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    with zipfile.ZipFile(path / "a.npz", "w") as file:
        file.writestr("images.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content)
    return path / "a.npz"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (1000000, 1000, 1000)}", "1,000,000,000,000 bytes"),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (10, 28, 28)}", "promises 7,840 bytes"),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 28, 28)}", "bytes"),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "pickled Python objects"),
        ("__import__('os').abort()", "its header cannot be read"),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 2)", "its header cannot be read"),
        ("{" * 5000, "its header cannot be read"),
    ],
    ids=range(7),
)
def test_a_false_header_is_refused_before_memory_is_allocated(header: str, reason: str, tmp_path: Path) -> None:
    assert reason in refusal(forged(tmp_path, header, bytes(20)))


@given(st.binary(max_size=200), st.integers(0, 400))
def test_a_changed_file_is_read_or_refused_with_a_reason(
    tmp_path_factory: pytest.TempPathFactory, piece: bytes, at: int
) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, images=grey(2), labels=np.array([0, 1]))
    content = buffer.getvalue()
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    path.write_bytes(content[:at] + piece + content[at + len(piece) :])
    try:
        open_npz(path).picture(0)
    except UnusableSource as refused:
        assert str(refused).endswith(".")


LABELLED = [
    ("images", "y"), ("images", "label"), ("images", "target"), ("images", "targets"), ("imgs", "classes"), ("X", "y"),
    ("data", "class_ids"), ("train_images", "train_labels"), ("trainX", "trainY"), ("X_train", "Y_train"),
    ("images_train", "labels_train"), ("arr_0", "arr_1"), ("samples", "category"),
    ("training_data", "training_targets"),
]  # fmt: skip


@pytest.mark.parametrize(("images", "labels"), LABELLED)
def test_any_usual_name_of_labels_is_known_beside_any_usual_name_of_images(
    images: str, labels: str, tmp_path: Path
) -> None:
    source = open_npz(npz(tmp_path, **{images: grey(4), labels: np.array([7, 3, 7, 3])}))
    assert (source.entries.class_names, source.entries.labels.tolist()) == (("3", "7"), [1, 0, 1, 0])


@pytest.mark.parametrize(
    "labels",
    [
        np.array([1.0, 0.0, 10.0]), np.array([[1], [0], [10]], np.float32), np.array([b"1", b"0", b"10"]),
        np.array(["1", "0", "10"]), np.array([1, 0, 10], np.uint8),
    ],
)  # fmt: skip
def test_whole_floats_bytes_words_and_columns_are_labels(labels: NDArray[Any], tmp_path: Path) -> None:
    source = open_npz(npz(tmp_path, images=grey(3), y=labels))
    assert (source.entries.class_names, source.entries.labels.tolist()) == (("0", "1", "10"), [1, 0, 2])


@pytest.mark.parametrize("kind", [np.float32, np.int64, np.bool_])
def test_vectors_with_a_single_one_are_labels(kind: type, tmp_path: Path) -> None:
    source = open_npz(npz(tmp_path, images=grey(3), labels=np.eye(4)[[2, 0, 2]].astype(kind)))
    assert (source.entries.class_names, source.entries.labels.tolist()) == (("0", "2"), [1, 0, 1])


@pytest.mark.parametrize("values", [[0.5, 1.0, 2.0], [np.nan, 1.0, 2.0], [np.inf, 0.0, 1.0]])
def test_fractions_are_no_labels_and_said(values: list[float], tmp_path: Path) -> None:
    source = open_npz(npz(tmp_path, images=grey(3), y=np.array(values)))
    assert source.entries.class_names == () and "y has values such as" in source.warnings[0]


def test_an_array_of_the_right_length_that_is_not_used_is_named(tmp_path: Path) -> None:
    source = open_npz(npz(tmp_path, images=grey(3), breed=np.array([1, 2, 1]), weights=np.zeros(5)))
    assert source.warnings == (
        "There is a value for each image in breed, which is not used. Name it `labels` if it has the classes.",
    )
    source = open_npz(npz(tmp_path, images=grey(3), labels=np.array([1, 2, 1]), age=np.array([1, 2, 1])))
    assert source.notes == ("There is also a value for each image in age, which is not used.",)


def test_a_class_of_the_test_array_alone_is_not_counted_and_its_images_are_left_out(tmp_path: Path) -> None:
    images = {"x_train": grey(4), "x_test": grey(3)}
    labels = {"y_train": np.array([5, 6, 5, 6]), "y_test": np.array([6, 9, 5])}
    source = open_npz(npz(tmp_path, **images, **labels))

    assert source.entries.class_names == ("5", "6")
    assert source.entries.names == ["x_train[0]", "x_train[1]", "x_train[2]", "x_train[3]", "x_test[0]", "x_test[2]"]
    assert [each.file for each in source.broken] == ["x_test[1]"] and "The class 9" in source.warnings[0]
    expected = np.concatenate([grey(4), grey(3)[[0, 2]]])
    found = np.stack([np.asarray(source.picture(index).image) for index in range(6)])
    assert np.array_equal(found, expected.reshape(found.shape))


def test_held_out_images_without_labels_are_left_out(tmp_path: Path) -> None:
    source = open_npz(npz(tmp_path, x_train=grey(4), y_train=np.array([0, 1, 0, 1]), x_test=grey(3)))
    assert (source.count, source.entries.class_names, source.entries.held_out) == (4, ("0", "1"), None)
    assert "x_test is left out" in source.warnings[0]


def test_runs_of_version_0_3_keep_the_labels_of_then(tmp_path: Path) -> None:
    path = npz(tmp_path, images=grey(3), y=np.array([1, 2, 1]))
    assert open_npz(path, "0.3").entries.class_names == () and open_npz(path).entries.class_names == ("1", "2")


@pytest.mark.parametrize(
    "names",
    [
        ("xtrain", "ytrain", "xtest", "ytest"),
        ("XTrain", "YTrain", "XTest", "YTest"),
        ("trainX", "trainy", "testX", "testy"),
        ("traindata", "trainlabels", "testdata", "testlabels"),
    ],
)
def test_names_without_a_gap_between_their_words_are_read_like_others(names: tuple[str, ...], tmp_path: Path) -> None:
    arrays = (grey(3), np.array([0, 1, 1]), grey(2), np.array([1, 0]))
    source = open_npz(npz(tmp_path, **dict(zip(names, arrays, strict=True))))

    assert source.entries.labels.tolist() == [0, 1, 1, 1, 0]
    assert source.entries.held_out is not None and source.entries.held_out.tolist() == [False] * 3 + [True] * 2
