"""Reads the pickles of CIFAR without letting them run code.

A pickle is a program, and `pickle.load` executes it. This module accepts only the instructions that a dictionary of
numpy arrays, numbers, strings and lists needs. First the instructions are scanned without being executed
(`pickletools`): one that names anything but numpy's array and type is refused. Then the pickle is loaded, and even then
numpy's own reconstruction is never called: stand-ins record shape, type and bytes, and the array is made from those
after they have been checked.
"""

import io
import math
import pickle
import pickletools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors.data import UnusableSource

ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): "array",
    ("numpy._core.multiarray", "_reconstruct"): "array",
    ("numpy.core.numeric", "_frombuffer"): "buffer",
    ("numpy._core.numeric", "_frombuffer"): "buffer",
    ("numpy", "ndarray"): "kind",
    ("numpy", "dtype"): "dtype",
    ("_codecs", "encode"): "bytes",
}
"""Names that a pickle may use, and the stand-in for each. Protocol 5 stores arrays as `_frombuffer`, protocol 2 stores
bytes as `_codecs.encode`."""

CALLS = frozenset(("INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID", "NEXT_BUFFER"))
"""Instructions that make objects of classes or fetch them from elsewhere; arrays need none of them."""

DTYPES = frozenset(("u1", "i1", "i2", "i4", "i8", "u2", "u4", "f4", "f8", "b1"))


def unpickled(content: bytes, path: Path) -> Any:
    """The content of these bytes, with arrays as numpy arrays and Python 2 strings as bytes. Raises UnusableSource."""
    _go_through(content, path)
    try:
        return _with_arrays(_Restricted(io.BytesIO(content), encoding="bytes").load())
    except _Unsafe as unsafe:
        raise UnusableSource(str(path), _names(str(unsafe)), SAFE) from None
    except Exception as error:  # noqa: BLE001 - a forged pickle can make the stand-ins raise anything
        raise UnusableSource(
            str(path), f"its pickle cannot be read ({str(error)[:100] or type(error).__name__})"
        ) from None


def _go_through(content: bytes, path: Path) -> None:
    """Scan the instructions. Raises UnusableSource at the first one that arrays do not need."""
    try:
        for instruction, argument, _ in pickletools.genops(content):
            name = instruction.name
            if name == "GLOBAL" and tuple(str(argument).split(" ", 1)) not in ALLOWED:
                raise UnusableSource(str(path), _names(str(argument).replace(" ", ".")), SAFE)
            if name in CALLS:
                raise UnusableSource(str(path), f"its pickle tries to create objects ({name})", SAFE)
            # The pickle chooses the memo index, and memory is allocated up to it.
            if name in ("PUT", "LONG_BINPUT") and not 0 <= int(argument or 0) <= len(content):
                raise UnusableSource(str(path), "its pickle is forged", SAFE)
    except UnusableSource:
        raise
    except Exception as error:  # noqa: BLE001 - pickletools raises many kinds of errors at other bytes
        raise UnusableSource(str(path), f"it is not a pickle ({str(error)[:100] or type(error).__name__})") from None


SAFE = "Only numpy arrays, numbers, strings and lists are read. Nothing in it was run."


def _names(name: str) -> str:
    return f"its pickle names {name[:80]!r}, which could run code"


class _Unsafe(Exception):
    """The forbidden name that a pickle asks for."""


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str, /) -> Any:
        match ALLOWED.get((module, name)):
            case "array":
                return _MakesArrays()
            case "buffer":
                return _MakesArraysOfBuffers()
            case "dtype":
                return _MakesTypes()
            case "bytes":
                return _MakesBytes()
            case "kind":
                return None
            case _:
                # Names computed by the pickle itself are known only now.
                raise _Unsafe(f"{module}.{name}")


class _MakesArrays:
    __slots__ = ()

    def __call__(self, *_: object) -> "_Array":
        return _Array()


class _MakesArraysOfBuffers:
    __slots__ = ()

    def __call__(self, content: bytes | bytearray, kind: object, shape: object, order: object) -> "_Array":
        array = _Array()
        array.state = (1, shape, kind, order == "F", bytes(content))
        return array


class _MakesTypes:
    __slots__ = ()

    def __call__(self, name: object, *_: object) -> "_Type":
        return _Type(name.decode("ascii") if isinstance(name, bytes) else str(name))


class _MakesBytes:
    __slots__ = ()

    def __call__(self, text: str, encoding: object) -> bytes:
        if encoding not in ("latin1", b"latin1"):
            raise pickle.UnpicklingError("an encoding other than latin1")
        return text.encode("latin1")


class _Type:
    """A numpy dtype, by its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.order = "|"

    def __setstate__(self, state: Sequence[object]) -> None:
        order = state[1]
        self.order = order.decode("ascii") if isinstance(order, bytes) else str(order)


class _Array:
    """The state of a numpy array: (version, shape, dtype, whether in Fortran order, bytes)."""

    state: Sequence[Any] = ()

    def __setstate__(self, state: Sequence[Any]) -> None:
        self.state = state

    def array(self) -> NDArray[np.generic]:
        _, shape, kind, fortran, content = self.state
        if not isinstance(kind, _Type) or kind.name not in DTYPES or kind.order not in "|<>=":
            raise pickle.UnpicklingError("an array that does not hold plain numbers")
        dtype = np.dtype(kind.order + kind.name)
        axes = tuple(shape)
        if not all(type(length) is int and length >= 0 for length in axes) or not isinstance(content, bytes):
            raise pickle.UnpicklingError("an array with an invalid shape")
        if math.prod(axes) * dtype.itemsize != len(content):
            raise pickle.UnpicklingError(f"an array of shape {axes} with {len(content):,} bytes")
        return np.frombuffer(content, dtype).reshape(axes, order="F" if fortran else "C")


def _with_arrays(value: Any) -> Any:
    """The outermost dictionary with its stand-ins replaced by arrays."""
    if isinstance(value, _Array):
        return value.array()
    if type(value) is dict:
        return {key: each.array() if isinstance(each, _Array) else each for key, each in value.items()}
    return value
