"""The layer table: computed from a plan, and preserved exactly by JSON."""

import json
from dataclasses import replace

import pytest

from pipeline.models import dcgan, resnet
from pipeline.models.layers import LayerRow, LayerTable, from_json, table_of
from pipeline.models.plan import Plan

TABLE = LayerTable(
    rows=(LayerRow("block", (4, 8, 8), 30, 1200), LayerRow("unused", None, 5, 0)),
    parameters=35,
    multiply_adds=1200,
    weights={"block.weight": (4, 3), "block.count": ()},
    normalized=True,
    inside=(LayerRow("block.conv", (4, 8, 8), 30, 1200),),
)


def test_a_plan_gives_its_layers_before_anything_is_built():
    table = table_of(Plan((4,)).linear(3).relu())
    assert table.rows == (LayerRow("linear_1", (3,), 15, 12), LayerRow("relu_1", (3,), 0, 0))
    assert (table.parameters, table.multiply_adds) == (15, 12)
    assert (table.inside, table.weights, table.normalized) == ((), {}, False)


def test_a_block_is_one_row_and_its_inner_layers_are_listed_separately():
    table = table_of(resnet.discriminator_plan((1, 28, 28), 16))
    assert [row.name for row in table.rows][:2] == ["down_block_1", "down_block_2"]
    assert "down_block_2.shortcut.conv2d_1" in [row.name for row in table.inside]
    for rows in (table.rows, table.inside):
        assert sum(row.parameters for row in rows) == table.parameters
        assert sum(row.multiply_adds for row in rows) == table.multiply_adds


def test_a_plan_says_whether_its_weights_are_normalized():
    assert table_of(replace(dcgan.discriminator_plan((1, 8, 8)), spectral_norm=True)).normalized


def test_a_table_that_is_written_and_read_is_the_same():
    assert from_json(TABLE.json()) == TABLE


def changed(**changes: object) -> str:
    return json.dumps(json.loads(TABLE.json()) | changes)


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "null",
        "{}",
        "[1, 2]",
        TABLE.json()[:-5],
        changed(parameters=-1),
        changed(parameters="35"),
        changed(rows=[{"name": "a"}]),
        changed(rows=[["a", [1], 0, 0]]),
        changed(weights={"a": ["3"]}),
        changed(weights={"a": 3}),
        changed(more=1),
    ],
)
def test_a_damaged_table_is_ignored(damaged):
    assert from_json(changed()) == TABLE
    assert from_json(damaged) is None
