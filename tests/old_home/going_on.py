"""Resume a stored run with the command line and collect all of its results.

Shared by `make.py`, which records the results of the old version, and by the test. Both use only the command line and
the file formats in the home, so that the code behind them can change.
"""

import contextlib
import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import load_file

from pipeline.__main__ import main
from tests.recorded.machine import Arrays

FOLDER = Path(__file__).parent
HOME, ARRAYS, FACTS = FOLDER / "home", FOLDER / "expected.npz", FOLDER / "expected.json"
FURTHER = 20
"""Further steps that each run is trained."""
CLOCK = ("images_per_second", "seconds")
"""Series that depend on the machine, not on the run."""


def command(*arguments: object) -> dict[str, Any]:
    """Run a command with --json and return its answer; it must succeed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as err:
        code = main([*map(str, arguments), "--json"])
    assert code == 0, f"{arguments}: {out.getvalue()}\n{err.getvalue()}"
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def kept(home: Path, run: str) -> Arrays:
    """The results of a stored run: metrics of every step, sample grids, and images drawn from its checkpoint."""
    return {**_metrics(home, run), **_grids(home, run), "drawn": _drawn(home, run)}


def go_on(home: Path, run: str) -> Arrays:
    """Train `FURTHER` more steps; returns the results, with the weights."""
    command("train", "--resume", run, "--steps", FURTHER)
    return whole(home, run)


def whole(home: Path, run: str) -> Arrays:
    """Like `kept`, plus the weights of the last checkpoint, raw and averaged."""
    return {**kept(home, run), **{f"weights/{name}": each for name, each in _weights(home, run).items()}}


def digest(arrays: Arrays) -> str:
    """SHA-256 over the weights among the arrays, by name."""
    hashed = sha256()
    for name in sorted(arrays):
        if name.startswith("weights/"):
            hashed.update(name.encode() + arrays[name].tobytes())
    return hashed.hexdigest()


def _metrics(home: Path, run: str) -> dict[str, np.ndarray[Any, Any]]:
    out = home / "metrics.csv"
    command("export", run, "--to", "csv", "--out", out)
    names, *lines = out.read_text(encoding="utf-8").splitlines()
    columns = zip(*(line.split(",") for line in lines), strict=True)
    # The printed digits restore the float32 exactly. Where nothing was measured, the field is empty.
    numbers = ([value or "nan" for value in column] for column in columns)
    series = {name: np.array(column, np.float32) for name, column in zip(names.split(","), numbers, strict=True)}
    return {f"metrics/{name}": values for name, values in series.items() if name not in CLOCK}


def _grids(home: Path, run: str) -> dict[str, np.ndarray[Any, Any]]:
    files = sorted((home / "runs" / run / "grids").glob("step-*.png"))
    return {f"grids/{file.stem}": _pixels(file) for file in files}


def _drawn(home: Path, run: str) -> np.ndarray[Any, Any]:
    out = home / "drawn.png"
    command("sample", run, "--count", 9, "--seed", 3, "--device", "cpu", "--out", out)
    return _pixels(out)


def _weights(home: Path, run: str) -> dict[str, np.ndarray[Any, Any]]:
    newest = max((home / "runs" / run / "checkpoints").glob("step-*"))
    return dict(load_file(newest / "weights.safetensors"))


def _pixels(file: Path) -> np.ndarray[Any, Any]:
    with Image.open(file) as picture:
        return np.asarray(picture)
