"""Results of probes as chart data: layers over time, histograms of one layer over time, scores at one step.

Tables are Arrow tables. In a heat map, the cell of a probe extends to the step of the next probe.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.formatting import number
from pipeline.runs import probes
from pipeline.runs.probe_records import EDGES, SCORE_GROUPS
from pipeline.runs.probes import ProbeHistory
from pipeline.runs.store import Store

ValueScale = Literal["logarithmic", "signed", "share"]


@dataclass(frozen=True)
class Quantity:
    """A quantity with one number for each layer. title: title of its chart. unit: label of the colour scale.

    scale: "logarithmic" for positive values over orders of magnitude, "signed" around zero, "share" from 0 to 1.
    """

    title: str
    unit: str
    scale: ValueScale


QUANTITIES: dict[str, Quantity] = {
    "activation_mean": Quantity("Activation mean", "mean", "signed"),
    "activation_std": Quantity("Activation spread", "standard deviation", "logarithmic"),
    "zeros": Quantity("Zeros among activations", "share", "share"),
    "weight_norm": Quantity("Weight norm", "L2 norm", "logarithmic"),
    "gradient_norm": Quantity("Gradient norm of layers", "L2 norm", "logarithmic"),
    "update_norm": Quantity("Update norm", "L2 norm", "logarithmic"),
    "update_ratio": Quantity("Update to weight ratio", "‖update‖ / ‖weights‖", "logarithmic"),
}

HISTOGRAM_KINDS: dict[str, str] = {
    "activation_histogram": "Activations",
    "weight_histogram": "Weights",
    "gradient_histogram": "Gradients",
}

SEPARATOR = " "
"""Label of the empty row between two networks in the heat map."""


def history(store: Store, run: str) -> ProbeHistory:
    """The probes of a run over time; empty if it was never probed. Raises UnknownRun if `run` is not a run id."""
    return probes.load(store.files(run))


def layer_labels(found: ProbeHistory) -> tuple[str, ...]:
    """The label of each layer, with the network's initial first: "D conv2d_1 Conv2d"."""
    return tuple(f"{role[:1].upper()} {name}" for role, name in found.layers)


def initials(found: ProbeHistory) -> str:
    """A sentence that says which network each initial stands for."""
    roles = list(dict.fromkeys(role for role, _ in found.layers))
    named = [
        f"{role[:1].upper()} is the {role}" if not place else f"{role[:1].upper()} the {role}"
        for place, role in enumerate(roles)
    ]
    return f"{', '.join(named)}." if named else ""


def rows_of_map(found: ProbeHistory) -> tuple[str, ...]:
    """The rows of the heat map from top to bottom: the layers' labels, with SEPARATOR between networks."""
    rows: list[str] = []
    before = None
    for (role, _), label in zip(found.layers, layer_labels(found), strict=True):
        if before not in (None, role):
            rows.append(SEPARATOR)
        rows.append(label)
        before = role
    return tuple(rows)


def layer_table(found: ProbeHistory, quantity: str) -> pa.Table:
    """The heat map of a quantity: columns start, end (steps), layer and value.

    Missing values have no row; on a logarithmic scale neither have values of 0.
    """
    values = _values(found, quantity)
    shown = np.isfinite(values)
    if QUANTITIES[quantity].scale == "logarithmic":
        shown &= values > 0
    times, layers = np.nonzero(shown)
    return pa.table(
        {
            **_cells(found.steps, times),
            "layer": pa.array(np.array(layer_labels(found), dtype=object)[layers], pa.string()),
            "value": values[shown],
        }
    )


def layer_curves(found: ProbeHistory, quantity: str, chosen: Sequence[str]) -> pa.Table:
    """A quantity of the layers with these labels over steps: columns step, layer and value.

    Values that the heat map leaves blank have no row.
    """
    table = layer_table(found, quantity)
    kept = table.filter(pc.is_in(table["layer"], value_set=pa.array(chosen, pa.string())))
    return kept.select(["start", "layer", "value"]).rename_columns(["step", "layer", "value"])


def extremes(found: ProbeHistory, quantity: str) -> str:
    """A sentence on the newest column of the heat map: the layers with the largest and smallest value; "" if empty."""
    if not len(found.steps):
        return ""
    newest = _values(found, quantity)[-1]
    known = np.flatnonzero(np.isfinite(newest))
    if not len(known):
        return ""
    labels = layer_labels(found)
    high, low = known[np.argmax(newest[known])], known[np.argmin(newest[known])]
    return (
        f"After step {found.steps[-1]:,}: largest {number(newest[high])} in {labels[high]}, "
        f"smallest {number(newest[low])} in {labels[low]}."
    )


def histogram_table(found: ProbeHistory, layer: int, kind: str) -> pa.Table:
    """The heat map of one layer's histograms: columns start, end (steps), low, high (of a bin) and share (of values).

    layer: index in `found.layers`. Empty bins have no row. The outermost bins, which are open-ended, are drawn one
    octave wide.
    """
    counts = found.histograms[kind][:, layer]
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    times, bins = np.nonzero(shares)
    edges = np.concatenate([[2 * EDGES[1]], EDGES[1:-1], [2 * EDGES[-2]]])
    return pa.table(
        {**_cells(found.steps, times), "low": edges[bins], "high": edges[bins + 1], "share": shares[times, bins]}
    )


@dataclass(frozen=True)
class ScoreLines:
    """The distribution of scores at one step.

    lines: columns group, x and share, the outline of each group's histogram from left to right. means: columns group
    and mean.
    """

    step: int
    lines: pa.Table
    means: pa.Table


def score_lines(found: ProbeHistory, step: int | None = None) -> ScoreLines | None:
    """The scores of the newest probe, or of the last one up to `step`; None if there is none."""
    scored = [place for place, scores in enumerate(found.scores) if scores is not None]
    wanted = [place for place in scored if step is None or found.steps[place] <= step]
    if not wanted:
        return None
    scores = found.scores[wanted[-1]]
    assert scores is not None
    known = [group for group in SCORE_GROUPS if scores.counts[group].any()]
    outlines = [(group, *_outline(scores.edges, scores.counts[group])) for group in known]
    lines = {
        "group": pa.array(_repeated((group, len(x)) for group, x, _ in outlines), pa.string()),
        "x": _joined(x for _, x, _ in outlines),
        "share": _joined(share for _, _, share in outlines),
    }
    means = {"group": pa.array(known, pa.string()), "mean": pa.array([scores.means[group] for group in known])}
    return ScoreLines(int(found.steps[wanted[-1]]), pa.table(lines), pa.table(means))


def _values(found: ProbeHistory, quantity: str) -> NDArray[np.float64]:
    """Values of shape (probes, layers)."""
    if quantity != "update_ratio":
        return found.numbers[quantity]
    weights = found.numbers["weight_norm"]
    # The ratio is undefined for a layer whose weights are all zero.
    ratio: NDArray[np.float64] = found.numbers["update_norm"] / np.where(weights == 0, np.nan, weights)
    return ratio


def _cells(steps: NDArray[np.int64], times: NDArray[np.intp]) -> dict[str, Any]:
    """The columns start and end of the cells of these probes; the last cell is as wide as the one before it."""
    last = steps[-1] - steps[-2] if len(steps) > 1 else 1
    ends = np.append(steps[1:], steps[-1] + last) if len(steps) else steps
    return {"start": steps[times].astype(np.float64), "end": ends[times].astype(np.float64)}


def _outline(edges: NDArray[np.float64], counts: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The corners of a histogram's outline: the left edge of each bin, and the right edge of the last one."""
    shares = counts / counts.sum()
    return edges, np.append(shares, shares[-1])


def _repeated(counted: Iterable[tuple[str, int]]) -> list[str]:
    return [value for value, count in counted for _ in range(count)]


def _joined(pieces: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate([np.empty(0), *pieces])
