"""Reading the pickles of CIFAR without letting them run anything.

A pickle is a program, and `pickle.load` obeys it. This reads the few instructions that a dictionary of numpy arrays,
numbers, texts and lists needs. First its instructions are gone through without being obeyed (`pickletools`): one that
names anything but numpy's array and type is the end of it. Then it is loaded, and even then numpy's own rebuilding is
never called: stand-ins take down shape, type and bytes, and an array is made of those after they have been looked at.
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
"""What a pickle may name, and what stands in for it. Arrays of protocol 5 are `_frombuffer`, bytes of protocol 2 are
`_codecs.encode`."""

CALLS = frozenset(("INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID", "NEXT_BUFFER"))
"""Instructions that make objects of classes or fetch them from elsewhere; arrays need none of them."""

DTYPES = frozenset(("u1", "i1", "i2", "i4", "i8", "u2", "u4", "f4", "f8", "b1"))


def unpickled(content: bytes, path: Path) -> Any:
    """What is in these bytes, its arrays as numpy arrays, its old strings as bytes. Raises UnusableSource."""
    _go_through(content, path)
    try:
        return _with_arrays(_Restricted(io.BytesIO(content), encoding="bytes").load())
    except _Unsafe as unsafe:
        raise UnusableSource(str(path), _names(str(unsafe)), SAFE) from None
    except Exception as error:  # noqa: BLE001 - whatever a forged pickle makes of the stand-ins, it is refused
        raise UnusableSource(
            str(path), f"its pickle cannot be read ({str(error)[:100] or type(error).__name__})"
        ) from None


def _go_through(content: bytes, path: Path) -> None:
    """Raises UnusableSource at the first instruction that arrays do not need."""
    try:
        for instruction, argument, _ in pickletools.genops(content):
            name = instruction.name
            if name == "GLOBAL" and tuple(str(argument).split(" ", 1)) not in ALLOWED:
                raise UnusableSource(str(path), _names(str(argument).replace(" ", ".")), SAFE)
            if name in CALLS:
                raise UnusableSource(str(path), f"its pickle wants to make objects ({name})", SAFE)
            # The place of a remembered object is a number of the pickle's choice, and memory is taken up to it.
            if name in ("PUT", "LONG_BINPUT") and not 0 <= int(argument or 0) <= len(content):
                raise UnusableSource(str(path), "its pickle is forged", SAFE)
    except UnusableSource:
        raise
    except Exception as error:  # noqa: BLE001 - pickletools raises many kinds at bytes that are no pickle
        raise UnusableSource(str(path), f"it is no pickle ({str(error)[:100] or type(error).__name__})") from None


SAFE = "Only numpy arrays, numbers, texts and lists are read. Nothing of it was run."


def _names(name: str) -> str:
    return f"its pickle names {name[:80]!r}, which could run code"


class _Unsafe(Exception):
    """The name that a pickle calls for."""


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
                # Where the names come from the pickle's own texts, only now is it known what they are.
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
    """A numpy type, by its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.order = "|"

    def __setstate__(self, state: Sequence[object]) -> None:
        order = state[1]
        self.order = order.decode("ascii") if isinstance(order, bytes) else str(order)


class _Array:
    """The state of a numpy array: (version, shape, type, whether in Fortran's order, bytes)."""

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
            raise pickle.UnpicklingError("an array of an impossible shape")
        if math.prod(axes) * dtype.itemsize != len(content):
            raise pickle.UnpicklingError(f"an array of shape {axes} with {len(content):,} bytes")
        return np.frombuffer(content, dtype).reshape(axes, order="F" if fortran else "C")


def _with_arrays(value: Any) -> Any:
    """The outermost dictionary with arrays in the place of their stand-ins."""
    if isinstance(value, _Array):
        return value.array()
    if type(value) is dict:
        return {key: each.array() if isinstance(each, _Array) else each for key, each in value.items()}
    return value
