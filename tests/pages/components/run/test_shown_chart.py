"""The data of one chart, as the browser receives it."""

import numpy as np
import pyarrow as pa

from pages.components.run.shown_chart import Shown, with_data
from pages.components.shell.palette import Line

POINTS = pa.table(
    {
        "x": pa.array([0, 50, 0, 50], pa.float64()),
        "metric": ["long", "long", "short", "short"],
        **{name: pa.array([1, 2, 3, 4], pa.float32()) for name in ("value", "low", "high")},
    }
)
LINES = (Line("long", "blue", "solid", measured=True), Line("short", "red", "dashed", measured=True))


def ends(held_until: dict[str, float]) -> dict[str, float]:
    """Where each line ends."""
    plain = Shown("Diversity", "", LINES)
    points = with_data(plain, POINTS, None, (0, 100), at=np.empty(0), clip=False, held_until=held_until).points
    assert points is not None
    rows = points.to_pylist()
    return {line.name: max(row["x"] for row in rows if row["metric"] == line.name) for line in LINES}


def test_the_last_measurement_holds_to_the_end_of_the_axis() -> None:
    assert ends({}) == {"long": 100, "short": 100}


def test_the_last_measurement_of_a_run_that_ended_before_holds_to_its_own_end() -> None:
    assert ends({"short": 60}) == {"long": 100, "short": 60}
