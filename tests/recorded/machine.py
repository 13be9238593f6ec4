"""Compare results with recorded ones, bit for bit or approximately, depending on the machine.

On an equal machine (torch version, instruction set, CPU model) results must be bit-identical. On others, sums are added
in another order, so the results are still compared, but with a tolerance.
"""

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

Arrays = Mapping[str, np.ndarray[Any, np.dtype[Any]]]

RELATIVE, ABSOLUTE = 1e-3, 1e-3
"""Tolerances for numbers computed on another machine."""
SHADES = 4
"""Tolerance for pixels computed on another machine, of 255."""


def facts() -> dict[str, str]:
    """The properties of this machine that determine the last bits of a sum."""
    return {"torch": torch.__version__, "instructions": torch.backends.cpu.get_cpu_capability(), "cpu": _cpu()}


def differences(found: Arrays, expected: Arrays, recorded_on: Mapping[str, str]) -> dict[str, str]:
    """Name of each array that differs from `expected` -> how; compared bit for bit if `recorded_on` is this machine."""
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
