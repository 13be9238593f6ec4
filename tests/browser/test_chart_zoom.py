"""A drag over a chart zooms all charts of a run that is training, until a double click shows everything again."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio import workflows
from pipeline.studio.run import training
from tests.browser.screen import Screen, Visit
from tests.browser.server import Server

pytestmark = pytest.mark.browser

SMALL = (
    "data.dataset=digits", "generator.image_size=8", "generator.hidden=16,16", "discriminator.hidden=16,16",
    "training.batch_size=8", "training.total_steps=1000000", "samples.count=4",
)  # fmt: skip
FULL = 300


@pytest.fixture
def trainer(server: Server, wait_for: Callable[..., None]) -> Iterator[TrainerHandle]:
    handle = TrainerHandle(server.home)
    wait_for(lambda: handle.snapshot.engine == "ready")
    yield handle
    handle.close()


def drag(screen: Screen, chart: Locator, begin: float, end: float) -> None:
    """Drag over the plot from one share of its width to another."""
    box = chart.locator(".role-axis-grid, .background").first.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    mouse = screen.page.mouse
    mouse.move(box["x"] + begin * box["width"], y)
    mouse.down()
    for part in range(1, 11):
        mouse.move(box["x"] + (begin + part / 10 * (end - begin)) * box["width"], y)
    mouse.up()


def test_a_drag_zooms_all_charts_and_new_data_does_not_undo_it(
    server: Server, visit: Visit, trainer: TrainerHandle, wait_for: Callable[..., None]
) -> None:
    workflow = edit.apply_settings(workflows.open_template("mlp-gan"), SMALL, NODES)
    run = training.start(trainer, workflow, "Ada", switch=True)
    screen = visit(server, f"Train?run={run}")
    charts = screen.page.get_by_test_id("stVegaLiteChart")

    def ends() -> set[tuple[float, float]]:
        """Begin and end of the horizontal axes of all charts, from their labels for screen readers."""
        labels = [axis.get_attribute("aria-label") or "" for axis in charts.locator('[aria-label^="X-axis"]').all()]
        found = [re.findall(r"values from (\S+) to (\S+)$", label) for label in labels]
        read = [[float(each.replace(",", "")) for each in numbers[0]] for numbers in found if numbers]
        return {(low, high) for low, high in read}

    screen.reaches(FULL)
    wait_for(lambda: screen.chart_end >= FULL / 2)
    drag(screen, charts.first, 0.25, 0.75)
    screen.page.get_by_role("button", name="Reset zoom").wait_for()
    # The charts follow one after the other; before, they all begin at the first step.
    wait_for(lambda: len(ends()) == 1 and min(ends())[0] > FULL / 20)
    (zoomed,) = ends()
    assert 0 < zoomed[0] < zoomed[1] < screen.step

    # New data arrives: the charts are the same, and show the same range.
    screen.mark_charts()
    screen.reaches(screen.step + 200)
    screen.page.wait_for_timeout(2_500)
    assert ends() == {zoomed}
    marked, every = screen.marked_charts
    assert marked == every > 1

    charts.nth(1).locator("svg.marks").dblclick()
    wait_for(lambda: screen.chart_end > zoomed[1])
    expect(screen.page.get_by_role("button", name="Reset zoom")).to_have_count(0)
    assert screen.marked_charts == (marked, every)
    training.pause(trainer, trainer.snapshot, "Ada")
