"""Reading pickles without running them: arrays are read, anything that could run code is refused."""

import io
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data.files.unpickler import unpickled
from pipeline.errors.data import UnusableSource

HERE = Path("batch")


class Runs:
    """A trap: unpickling it calls `function`."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self._call


def refusal(content: bytes) -> str:
    with pytest.raises(UnusableSource) as refused:
        unpickled(content, HERE)
    return str(refused.value)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["u1", "<i8", ">f4", "bool"])
def test_a_dictionary_of_arrays_is_read_in_every_protocol(protocol: int, dtype: str) -> None:
    batch = {b"data": np.arange(12).reshape(3, 4).astype(dtype), b"labels": [3, 1, 2], "names": ["a", b"b"]}
    found = unpickled(pickle.dumps(batch, protocol), HERE)

    assert np.array_equal(found[b"data"], batch[b"data"]) and found[b"data"].dtype == np.dtype(dtype)
    assert (found[b"labels"], found["names"]) == ([3, 1, 2], ["a", b"b"])


def test_fortran_order_survives() -> None:
    array = np.asfortranarray(np.arange(6).reshape(2, 3))

    assert np.array_equal(unpickled(pickle.dumps({"data": array}, 2), HERE)["data"], array)


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
def test_a_pickle_that_runs_code_is_refused_and_runs_nothing(protocol: int, tmp_path: Path) -> None:
    for trap in (Runs((tmp_path / "ran").touch), Runs(eval, f"open({str(tmp_path / 'ran')!r}, 'w')"), Runs(print, "!")):
        assert "Nothing in it was run" in refusal(pickle.dumps({"data": trap}, protocol))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'touch ran'\ntR.",
        b"\x80\x02cnumpy\nload\nq\x00.",
        b"\x80\x02cnumpy.core.multiarray\nfromfile\nq\x00.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.",
        b"\x80\x04\x8c\x05numpy\x8c\x0dcore.sys.exit\x93)R.",
        b"(i__main__\nThing\n.",
        b"\x80\x02(cnumpy\nndarray\no.",
        b"\x80\x02cnumpy\nndarray\n)\x81.",
        b"\x80\x02P1\n.",
        b"\x82\x01.",
        b"\x80\x04\x97.",
    ],
)
def test_a_pickle_that_names_or_makes_other_objects_is_refused(content: bytes) -> None:
    assert refusal(content).startswith("batch cannot be used: ")


def test_a_forged_memo_index_allocates_no_memory() -> None:
    assert "forged" in refusal(b"\x80\x02Nr" + struct.pack("<I", 2**32 - 1) + b".")


def test_an_array_with_too_few_bytes_for_its_shape_is_refused() -> None:
    content = pickle.dumps({"data": np.zeros((2, 3), np.uint8)}, 2)

    assert "cannot be read" in refusal(content.replace(b"K\x02K\x03\x86", b"K\x09K\x03\x86"))


@pytest.mark.parametrize("array", [np.array([{}], object), np.array(["a"]), np.zeros(2, [("a", "u1")])])
def test_arrays_of_anything_but_numbers_are_refused(array: np.ndarray[Any, Any]) -> None:
    assert "cannot be read" in refusal(pickle.dumps({"data": array}, 2))


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused_with_a_reason(content: bytes) -> None:
    for each in (content, b"\x80\x02" + content, b"\x80\x04" + content + b"."):
        try:
            unpickled(each, HERE)
        except UnusableSource as refused:
            assert str(refused).startswith("batch cannot be used: ")


@given(st.binary(min_size=1, max_size=40), st.integers(0, 400))
def test_a_changed_batch_is_read_or_refused(piece: bytes, at: int) -> None:
    content = pickle.dumps({b"data": np.zeros((2, 3), np.uint8), b"labels": [0, 1]}, 2)
    try:
        unpickled(content[:at] + piece + content[at + len(piece) :], HERE)
    except UnusableSource as refused:
        assert str(refused).startswith("batch cannot be used: ")


def test_python_2_strings_become_bytes() -> None:
    written = b"(dp0\nS'labels'\np1\n(lp2\nI3\nas."

    assert unpickled(io.BytesIO(written).getvalue(), HERE) == {b"labels": [3]}
