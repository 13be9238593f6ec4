"""The step that is computed for 1 to 1,000 GPUs."""

from pathlib import Path

import pytest

from tests.bench.scaling import BATCH, IN_NODE, PARAMETERS, Step, table

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_readme_has_the_table_that_the_script_prints() -> None:
    assert table() in README


def test_two_gpus_exchange_every_gradient_once() -> None:
    step = Step(2)
    assert step.all_reduce == pytest.approx(4 * PARAMETERS / IN_NODE, rel=0.01)
    assert step.drawn_bytes == 2 * Step(1).drawn_bytes


def test_more_gpus_make_more_images_but_fewer_each() -> None:
    steps = [Step(gpus) for gpus in (1, 2, 8, 64, 1000)]
    speeds = [step.gpus * BATCH / step.seconds for step in steps]
    assert speeds == sorted(speeds)
    assert [step.efficiency for step in steps] == sorted((step.efficiency for step in steps), reverse=True)
    assert steps[0].efficiency == 1
