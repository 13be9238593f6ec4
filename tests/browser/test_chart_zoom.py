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

    def shown() -> tuple[int, int]:
        """The zoomed range that the page names."""
        words = screen.page.get_by_text(re.compile(r"^Steps [\d,]+ to [\d,]+$")).inner_text()
        first, last = re.findall(r"[\d,]+", words)
        return int(first.replace(",", "")), int(last.replace(",", ""))

    def all_show(first: int, last: int) -> bool:
        ends = {(ticks[0], ticks[-1]) for ticks in screen.chart_ticks}
        return bool(ends) and all(first <= begin < end <= last for begin, end in ends)

    screen.reaches(FULL)
    wait_for(lambda: screen.chart_end >= FULL / 2)
    drag(screen, charts.first, 0.25, 0.75)
    screen.page.get_by_role("button", name="Reset zoom").wait_for()
    zoomed = shown()
    assert 0 < zoomed[0] < zoomed[1] < screen.step
    # The charts follow one after the other; before, they all begin at the first step.
    wait_for(lambda: all_show(*zoomed))

    # New data arrives: the charts are the same, and show the same range.
    screen.mark_charts()
    screen.reaches(screen.step + 200)
    screen.page.wait_for_timeout(2_500)
    assert shown() == zoomed
    assert all_show(*zoomed)
    marked, every = screen.marked_charts
    assert marked == every > 1

    charts.nth(1).locator("svg.marks").dblclick()
    wait_for(lambda: screen.chart_end > zoomed[1])
    expect(screen.page.get_by_role("button", name="Reset zoom")).to_have_count(0)
    assert screen.marked_charts == (marked, every)
    training.pause(trainer, trainer.snapshot, "Ada")
