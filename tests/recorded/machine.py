"""What a recorded computation depends on besides the program, and how two results are compared with that in mind.

On a machine that computes the same (version of torch, instruction set, model of the CPU) results are equal to the last
bit. Elsewhere sums are added in another order, so there they are only close: nothing is skipped, it is held less
tightly.
"""

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

Arrays = Mapping[str, np.ndarray[Any, np.dtype[Any]]]

RELATIVE, ABSOLUTE = 1e-3, 1e-3
"""How far a number may be off that another machine has computed."""
SHADES = 4
"""How far a pixel may be off, of 255."""


def facts() -> dict[str, str]:
    """What decides on the last bits of a sum on this machine."""
    return {"torch": torch.__version__, "instructions": torch.backends.cpu.get_cpu_capability(), "cpu": _cpu()}


def differences(found: Arrays, expected: Arrays, recorded_on: Mapping[str, str]) -> dict[str, str]:
    """Name of each array that is not what it is to be -> in what; bit for bit where `recorded_on` is this machine."""
    missing = {name: "is missing" for name in expected if name not in found}
    exactly = recorded_on == facts()
    told = {name: _difference(found[name], each, exactly) for name, each in expected.items() if name in found}
    return missing | {name: sentence for name, sentence in told.items() if sentence}


def _difference(found: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], exactly: bool) -> str:
    if (found.shape, found.dtype) != (expected.shape, expected.dtype):
        return f"is {found.dtype} {found.shape}, not {expected.dtype} {expected.shape}"
    if found.tobytes() == expected.tobytes():
        return ""
    left, right = found.astype(np.float64), expected.astype(np.float64)
    off = np.abs(left - right)
    if not exactly:
        shades = expected.dtype == np.uint8
        close = off <= SHADES if shades else np.isclose(left, right, RELATIVE, ABSOLUTE, equal_nan=True)
        if close.all():
            return ""
    bad = int((left != right).sum())
    return f"differs in {bad:,} of {left.size:,} numbers, by up to {np.nanmax(off):.3g}"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
