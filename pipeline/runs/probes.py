"""The probes of a run as files, `runs/<id>/probes/step-000001400.npz`, and all of them together as arrays over time.

At most 300 are kept, thinned evenly. A probe replaces an earlier one of the same step, which happens after a rewind.
Damaged files are ignored.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, write_atomically
from pipeline.runs.files import RunFiles, by_step, crowded_steps
from pipeline.runs.probe_records import (
    BINS,
    HISTOGRAMS,
    NUMBERS,
    SCORE_BINS,
    SCORE_GROUPS,
    Counts,
    LayerProbe,
    Probe,
    ScoreProbe,
)

KEPT_PROBES = 300
"""About one for every three pixels of a heat map's width."""

_ENDING = ".npz"


@dataclass(frozen=True, eq=False)
class ProbeHistory:
    """The probes of a run over time: T probes of L layers.

    steps: (T,) ascending. layers: (role, name) of each layer. numbers: field of LayerProbe -> (T, L). histograms: field
    of LayerProbe -> (T, L, BINS) counts. scores: one entry per step. seconds: (T,) duration of each measurement.
    """

    steps: NDArray[np.int64]
    layers: tuple[tuple[str, str], ...]
    numbers: Mapping[str, NDArray[np.float64]]
    histograms: Mapping[str, Counts]
    scores: tuple[ScoreProbe | None, ...]
    seconds: NDArray[np.float64]


def save(files: RunFiles, probe: Probe) -> Path:
    """Save a probe, replacing one of the same step, and thin the others. Raises CannotWrite."""
    folder = _folder(files)
    make_folder(folder)
    path = folder / f"step-{probe.step:09d}{_ENDING}"
    content = BytesIO()
    np.savez_compressed(content, allow_pickle=False, **_arrays(probe))
    write_atomically(path, content.getvalue())
    with os_errors_as_refusals(path):
        for crowded in crowded_steps(steps(files), KEPT_PROBES):
            path.with_name(f"step-{crowded:09d}{_ENDING}").unlink(missing_ok=True)
    return path


def steps(files: RunFiles) -> list[int]:
    """The steps that have a file, intact or not, in order."""
    return [step for step, _ in by_step(_folder(files), _ENDING)]


def load(files: RunFiles) -> ProbeHistory:
    """All intact probes with the same layers as the newest; T = 0 if there are none."""
    found = [probe for step, path in by_step(_folder(files), _ENDING) if (probe := _probe_in(path, step))]
    names = [tuple((layer.role, layer.name) for layer in probe.layers) for probe in found]
    probes = [probe for probe, layers in zip(found, names, strict=True) if layers == names[-1]]
    layers = names[-1] if names else ()
    return ProbeHistory(
        steps=np.array([probe.step for probe in probes], np.int64),
        layers=layers,
        numbers={name: _over_time(probes, name, (len(layers),), np.float64) for name in NUMBERS},
        histograms={name: _over_time(probes, name, (len(layers), BINS), np.int64) for name in HISTOGRAMS},
        scores=tuple(probe.scores for probe in probes),
        seconds=np.array([probe.seconds for probe in probes], np.float64),
    )


def drop_after(files: RunFiles, step: int) -> None:
    """Delete the probes of all later steps. Raises CannotWrite."""
    for later, path in by_step(_folder(files), _ENDING):
        if later > step:
            with os_errors_as_refusals(path):
                path.unlink(missing_ok=True)


def _folder(files: RunFiles) -> Path:
    return files.folder / "probes"


def _over_time(probes: list[Probe], name: str, shape: tuple[int, ...], dtype: type[Any]) -> NDArray[Any]:
    """(T, *shape), where `shape` starts with the number of layers."""
    rows = [[getattr(layer, name) for layer in probe.layers] for probe in probes]
    return np.array(rows, dtype).reshape(len(probes), *shape)


def _arrays(probe: Probe) -> dict[str, NDArray[Any]]:
    """A probe as arrays that need no pickle; names are JSON in bytes."""
    layers, scores = probe.layers, probe.scores
    names = json.dumps([(layer.role, layer.name) for layer in layers]).encode()
    arrays: dict[str, NDArray[Any]] = {
        "step": np.array(probe.step, np.int64),
        "seconds": np.array(probe.seconds, np.float64),
        "layers": np.frombuffer(names, np.uint8),
        "numbers": np.array([[getattr(layer, name) for name in NUMBERS] for layer in layers], np.float64),
        "histograms": np.array([[getattr(layer, name) for name in HISTOGRAMS] for layer in layers], np.int64),
    }
    if scores is not None:
        arrays |= {
            "score_edges": scores.edges,
            "score_counts": np.array([scores.counts[group] for group in SCORE_GROUPS], np.int64),
            "score_means": np.array([scores.means[group] for group in SCORE_GROUPS], np.float64),
        }
    return arrays


def _probe_in(path: Path, step: int) -> Probe | None:
    """The probe of `step` in a file; None if the file is damaged or has been deleted meanwhile."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return _read(path, step, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=2 * KEPT_PROBES)
def _read(path: Path, step: int, changed: int, size: int) -> Probe | None:
    """Read a probe, cached, since pages ask every second or two. changed, size: cache keys of the file's version."""
    try:
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            return _from_arrays(dict(archive), step)
    except Exception:  # noqa: BLE001 - a damaged archive raises anything from BadZipFile to MemoryError
        return None


def _from_arrays(arrays: dict[str, NDArray[Any]], step: int) -> Probe:
    """Restore a probe. Raises ValueError, KeyError or TypeError for arrays that `_arrays` cannot have made."""
    names = [(str(role), str(name)) for role, name in json.loads(arrays["layers"].tobytes())]
    numbers = _checked(arrays["numbers"], (len(names), len(NUMBERS)), np.float64)
    histograms = _checked(arrays["histograms"], (len(names), len(HISTOGRAMS), BINS), np.int64)
    if _checked(arrays["step"], (), np.int64) != step:
        raise ValueError("this is the file of another step")
    columns: dict[str, Any] = dict(zip(NUMBERS, numbers.T, strict=True)) | dict(
        zip(HISTOGRAMS, histograms.swapaxes(0, 1), strict=True)
    )
    layers = tuple(
        LayerProbe(role, name, **{field: column[row] for field, column in columns.items()})
        for row, (role, name) in enumerate(names)
    )
    return Probe(step, layers, _scores(arrays), float(_checked(arrays["seconds"], (), np.float64)))


def _scores(arrays: dict[str, NDArray[Any]]) -> ScoreProbe | None:
    if "score_edges" not in arrays:
        return None
    edges = _checked(arrays["score_edges"], (SCORE_BINS + 1,), np.float64)
    counts = _checked(arrays["score_counts"], (len(SCORE_GROUPS), SCORE_BINS), np.int64)
    means = _checked(arrays["score_means"], (len(SCORE_GROUPS),), np.float64)
    return ScoreProbe(
        edges, dict(zip(SCORE_GROUPS, counts, strict=True)), dict(zip(SCORE_GROUPS, map(float, means), strict=True))
    )


def _checked(array: NDArray[Any], shape: tuple[int, ...], dtype: type[Any]) -> NDArray[Any]:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError("an array of another shape or type")
    array.setflags(write=False)
    return array
