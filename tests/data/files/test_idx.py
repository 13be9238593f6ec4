"""IDX files: the format itself, the files next to them, and false headers."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.data.files.idx import open_idx, read_idx
from pipeline.errors.data import UnusableSource
from tests.data.files.pictures import noise


def idx(values: NDArray[np.uint8], shape: tuple[int, ...] | None = None, kind: int = 8) -> bytes:
    shape = values.shape if shape is None else shape
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, kind, len(shape), *shape) + values.tobytes()


def images(count: int, side: int = 5) -> NDArray[np.uint8]:
    return noise(count, side * side, 1, seed=count).reshape(count, side, side)


def mnist(folder: Path, *, packed: bool = True) -> Path:
    """The four files of a miniature set; returns the path of the training images."""
    pack, ending = (gzip.compress, ".gz") if packed else (bytes, "")
    files = {
        "train-images-idx3-ubyte": images(4),
        "train-labels-idx1-ubyte": np.array([3, 1, 3, 0], np.uint8),
        "t10k-images-idx3-ubyte": images(2),
        "t10k-labels-idx1-ubyte": np.array([1, 3], np.uint8),
    }
    for name, values in files.items():
        (folder / f"{name}{ending}").write_bytes(pack(idx(values)))
    return folder / f"train-images-idx3-ubyte{ending}"


def refusal(path: Path) -> str:
    with pytest.raises(UnusableSource) as refused:
        open_idx(path).picture(0)
    return str(refused.value)


@pytest.mark.parametrize("packed", [True, False])
def test_labels_and_held_out_images_are_found_next_to_it(packed: bool, tmp_path: Path) -> None:
    source = open_idx(mnist(tmp_path, packed=packed))
    pixels = source.pixels(5, True, {})

    assert pixels is not None and np.array_equal(pixels[:, 0], np.concatenate([images(4), images(2)]))
    assert source.entries.class_names == ("0", "1", "3")
    assert source.entries.labels.tolist() == [2, 1, 2, 0, 1, 2]
    assert source.entries.held_out is not None and source.entries.held_out.tolist() == [False] * 4 + [True] * 2


def test_the_held_out_file_alone_is_a_set_without_a_split(tmp_path: Path) -> None:
    mnist(tmp_path)
    source = open_idx(tmp_path / "t10k-images-idx3-ubyte.gz")

    assert (source.count, source.entries.held_out) == (2, None)


def test_images_without_a_labels_file_have_no_classes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(idx(images(3)))
    source = open_idx(tmp_path / "a")

    assert (source.entries.class_names, source.notes) == ((), ("There is no labels file next to it.",))


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("shape", [(4, 28, 28), (2**32 - 1, 2**32 - 1, 2**32 - 1), (60_000, 200, 200), (1, 5, 5)])
def test_a_false_header_is_refused(shape: tuple[int, ...], packed: bool, tmp_path: Path) -> None:
    content = idx(images(2), shape)
    (tmp_path / "a").write_bytes(gzip.compress(content) if packed else content)

    assert "its header says" in refusal(tmp_path / "a")


def test_labels_of_another_count_are_refused(tmp_path: Path) -> None:
    path = mnist(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.zeros(3, np.uint8))))

    assert "labels of shape 3 for 4 images" in refusal(path)


@pytest.mark.parametrize("content", [b"", b"\0\0\x08", b"\0\0\x08\x03\0\0", b"\0\0\x07\x03" + bytes(12), b"PNG?"])
def test_other_bytes_are_not_an_idx_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(content)

    assert refusal(tmp_path / "a").endswith(".")


def test_gzip_cut_short_is_damaged(tmp_path: Path) -> None:
    path = mnist(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])

    assert "it is damaged" in refusal(path)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused_with_a_reason(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    path = tmp_path_factory.mktemp("idx") / "a"
    for content in (b"\0\0\x08\x01" + tail, b"\0\0" + tail, gzip.compress(tail), b"\x1f\x8b" + tail):
        path.write_bytes(content)
        try:
            assert read_idx(path).size == len(content) - 4 - 4 * content[3] or content[:2] == b"\x1f\x8b"
        except UnusableSource as refused:
            assert str(refused).endswith(".")
        except AssertionError:
            # Numbers of more than one byte.
            assert content[2] != 8
