"""Going on with a stored run by the command line, and everything that is to come out of it.

Shared by `make.py`, which writes down what the old version gets, and by the test. Both go through the front door, and
read what lies in the home by the formats of the files alone, so that the program can change behind them.
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
"""Steps that each run goes on."""
CLOCK = ("images_per_second", "seconds")
"""Series that tell of the machine and not of the run."""


def command(*arguments: object) -> dict[str, Any]:
    """What the command line answers with --json; it must not fail."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as err:
        code = main([*map(str, arguments), "--json"])
    assert code == 0, f"{arguments}: {out.getvalue()}\n{err.getvalue()}"
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def kept(home: Path, run: str) -> Arrays:
    """What there is of a run that stands still: its metrics of every step, its grids, and the images it draws."""
    return {**_metrics(home, run), **_grids(home, run), "drawn": _drawn(home, run)}


def go_on(home: Path, run: str) -> Arrays:
    """What there is of it after `FURTHER` more steps."""
    command("train", "--resume", run, "--steps", FURTHER)
    return whole(home, run)


def whole(home: Path, run: str) -> Arrays:
    """As `kept`, with the weights of its last checkpoint too, raw and averaged."""
    return {**kept(home, run), **{f"weights/{name}": each for name, each in _weights(home, run).items()}}


def digest(arrays: Arrays) -> str:
    """SHA-256 over the weights among the arrays, by name."""
    told = sha256()
    for name in sorted(arrays):
        if name.startswith("weights/"):
            told.update(name.encode() + arrays[name].tobytes())
    return told.hexdigest()


def _metrics(home: Path, run: str) -> dict[str, np.ndarray[Any, Any]]:
    out = home / "metrics.csv"
    command("export", run, "--to", "csv", "--out", out)
    names, *lines = out.read_text(encoding="utf-8").splitlines()
    columns = zip(*(line.split(",") for line in lines), strict=True)
    # The digits of a float32 give it back.
    series = {name: np.array(column, np.float32) for name, column in zip(names.split(","), columns, strict=True)}
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
