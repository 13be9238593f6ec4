"""The charts and tables of a data set agree with its summary, and are short."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.data.fitting import Preparation
from pipeline.data.report import report_on
from pipeline.data.summary import Duplicates, Summary, summary_of
from pipeline.studio.data import data_tables
from tests.data.files.pictures import png, write


@pytest.fixture
def summary(tmp_path: Path) -> Summary:
    files = {f"{n % 3}/{n}.png": png(8 + n % 4, 8, seed=n) for n in range(12)} | {"1/broken.png": b"broken"}
    return summary_of(report_on(str(write(tmp_path / "set", files)), tmp_path, Preparation(8)))


def test_shares_of_each_channel_are_those_of_the_histogram_and_add_up_to_one(summary: Summary) -> None:
    table = data_tables.values(summary).to_pandas()
    assert list(table.channel.unique()) == ["red", "green", "blue"]
    for place, (_, rows) in enumerate(table.groupby("channel", sort=False)):
        assert rows.share[:-1].sum() == pytest.approx(1)
        assert rows.share.iloc[7] == pytest.approx(summary.histogram[place][7] / (12 * 64))
        assert (rows.value.iloc[0], rows.value.iloc[-1]) == (0, 1)


def test_mean_and_standard_deviation_have_four_decimals(summary: Summary) -> None:
    table = data_tables.moments(replace(summary, mean=(0.123456, 1 / 3, 0.5), std=(0.30001, 0.0, 0.25))).to_pydict()
    assert table["Mean"] == ["0.1235", "0.3333", "0.5"]
    assert table["Standard deviation"] == ["0.3", "0", "0.25"]


def test_classes_keep_their_order_unless_only_the_largest_fit(summary: Summary) -> None:
    assert data_tables.classes(summary).to_pydict() == {"class": ["0", "1", "2"], "images": [4, 4, 4]}
    many = replace(summary, classes=tuple((f"class {n}", n) for n in range(100)))
    found = data_tables.classes(many).to_pydict()
    assert found["images"] == list(range(99, 99 - data_tables.MOST_BARS, -1))


def test_sizes_are_height_times_width_and_the_rest_is_counted(summary: Summary) -> None:
    assert dict(zip(*data_tables.sizes(summary).to_pydict().values(), strict=True)) == {
        "8×8": 3, "9×8": 3, "10×8": 3, "11×8": 3,
    }  # fmt: skip
    many = replace(summary, count=1_000, sizes=tuple((n, 8, 10) for n in range(50)), size_count=1_234)
    rows = data_tables.sizes(many).to_pydict()
    assert len(rows["Images"]) == data_tables.MOST_ROWS and sum(rows["Images"]) == 1_000
    assert rows["Height×width"][-1] == "1,227 others"


def test_broken_files_and_duplicates_have_a_row_each(summary: Summary) -> None:
    assert data_tables.broken(summary).to_pydict() == {
        "File": ["1/broken.png"], "Reason": ["it is not a picture in a known format"],
    }  # fmt: skip
    twice = replace(summary, groups=(Duplicates(3, ("a", "b"), True), Duplicates(2, ("c", "d"), False)))
    found = data_tables.duplicates(twice).to_pydict()
    assert found["Names"] == ["a, b and others", "c, d"] and found["Some held out"] == ["yes", "no"]


def test_a_grey_set_has_one_channel(summary: Summary) -> None:
    grey = replace(summary, shape=(1, 8, 8), histogram=(tuple(np.ones(256, int)),))
    assert data_tables.channels(grey) == ("grey",)
    assert data_tables.values(grey).num_rows == 257
