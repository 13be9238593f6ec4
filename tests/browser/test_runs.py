"""The Runs page in a real browser: two runs are compared, and a colleague opens the same view from its address; and a
run that was interrupted goes on."""

import os
import signal
from collections.abc import Callable

import pytest

from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.runs import queue_changes
from pipeline.runs.queue_changes import Waiting
from pipeline.studio import workflows
from tests.browser.screen import Screen, Visit
from tests.browser.server import Server

pytestmark = pytest.mark.browser

WaitFor = Callable[..., None]
SMALL = (
    "data.dataset=digits", "generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16",
    "training.batch_size=8", "samples.count=4",
)  # fmt: skip


def tick_row(screen: Screen, number: int) -> None:
    """Click the box before a row of the table of runs, the first being 1. The table is drawn on a canvas."""
    box = screen.page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    screen.page.mouse.click(box["x"] + 20, box["y"] + 20 + 40 * number)


def curves(screen: Screen) -> list[str]:
    """The lines of all charts as SVG path data."""
    lines = screen.page.get_by_test_id("stVegaLiteChart").locator(".mark-line path")
    return [line.get_attribute("d") or "" for line in lines.all()]


def test_two_runs_are_compared_and_a_second_browser_opens_the_same_view(
    server: Server, visit: Visit, wait_for: WaitFor, paused_run: Callable[..., str]
) -> None:
    runs = [paused_run("mlp-gan", f"training.seed={seed}", *SMALL) for seed in (1, 2)]
    screen = visit(server, "Runs")
    screen.says("Tick runs (Shift+Space)")
    tick_row(screen, 1)
    screen.says("Duplicate")
    tick_row(screen, 2)
    screen.says("2 runs chosen")
    screen.press("Compare")
    screen.says("Newest samples")
    wait_for(lambda: len(curves(screen)) >= 4)
    screen.page.wait_for_timeout(1_000)
    assert all(run in screen.page.url for run in runs)

    second = visit(server, screen.page.url.removeprefix(server.url + "/"))
    second.says("Newest samples")
    wait_for(lambda: curves(second) == curves(screen))
    titles = [page.page.get_by_test_id("stVegaLiteChart").locator("svg").all() for page in (screen, second)]
    assert len(titles[0]) == len(titles[1]) > 0


def test_a_run_of_the_queue_is_started_from_the_queue(
    server: Server, visit: Visit, paused_run: Callable[..., str]
) -> None:
    paused_run("mlp-gan", *SMALL)
    workflow = edit.apply_settings(workflows.open_template("mlp-gan"), SMALL, NODES)
    with server.store() as store:
        queue_changes.add(store, [Waiting("next in line", document.write(workflow))], "Ada")
    screen = visit(server, "Runs?view=queue")
    screen.press("Start the next one now")
    screen.is_running()
    screen.says("next in line")
    screen.press("Pause")
    screen.is_paused()


def test_an_interrupted_run_goes_on_after_its_server_and_engine_were_killed(
    server: Server, visit: Visit, paused_run: Callable[..., str]
) -> None:
    run = paused_run("mlp-gan", *SMALL)
    with server.store() as store:
        checkpoint = store.run(run).step
    screen = visit(server, f"Train?run={run}")
    screen.press("Run")
    screen.reaches(checkpoint + 50)
    screen.close()
    server.end(signal.SIGKILL)
    os.kill(server.engine, signal.SIGKILL)
    server.start()

    again = visit(server, f"Train?run={run}")
    again.says(f"can go on from its checkpoint of step {checkpoint:,}")
    with server.store() as store:
        reached = store.run(run).step
        assert store.run(run).state == "interrupted"
    again.press("Resume")
    again.is_running()
    again.reaches(reached + 1)
    again.says(f"What was restored at step {checkpoint:,}")
    assert again.run == run
