"""The main use in a real browser: open a workflow, edit it, train it, watch it, pause it, step it, return to it."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from pipeline.runs.store import RunRecord
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio import workflows
from pipeline.studio.run import training
from tests.browser.screen import SOON, Visit
from tests.browser.server import Server
from tests.promises import Promise

pytestmark = pytest.mark.browser

WaitFor = Callable[..., None]


@pytest.fixture(autouse=True)
def _at_rest(server: Server) -> Iterator[None]:
    """Pause a run that a failed test left running, so that the next tests are not affected."""
    yield
    trainer = TrainerHandle(server.home)
    try:
        while trainer.snapshot.engine == "starting":
            time.sleep(0.05)
        if trainer.snapshot.state == "running":
            training.pause(trainer, trainer.snapshot, "")
    finally:
        trainer.close()


def test_a_workflow_is_edited_trained_watched_paused_stepped_and_reloaded(
    server: Server, visit: Visit, wait_for: WaitFor
) -> None:
    screen = visit(server, "Workflow")
    page = screen.page

    # Open the template and change a learning rate in the sidebar.
    page.get_by_role("heading", name="dcgan").wait_for()
    screen.click_node(columns=1, rows=0)
    expect(page.get_by_text("Adam · node generator_optimizer")).to_be_visible()
    rate = page.get_by_role("textbox", name="Learning rate")
    rate.fill("7e-4")
    rate.press("Enter")
    expect(page.get_by_text("draft", exact=True)).to_be_visible()

    # Start: the counter and the chart advance, and the samples change.
    screen.press("Start run")
    screen.is_running()
    screen.reaches(1)
    workflow = json.loads(_stored(server, screen.run).workflow_text)["prompt"]
    assert workflow["generator_optimizer"]["inputs"]["learning_rate"] == 7e-4
    expect(page.get_by_role("spinbutton", name="Learning rate").first).to_have_value("0.0007")
    first_samples = screen.samples
    wait_for(lambda: screen.chart_end > 0)
    first_end, first_lines = screen.chart_end, screen.chart
    screen.reaches(55)
    wait_for(lambda: screen.chart_end > first_end and screen.chart != first_lines)
    wait_for(lambda: screen.samples != first_samples)

    # Pause: the counter stops, at the step that the run has reached.
    screen.press("Pause")
    screen.is_paused()
    paused_at = _stored(server, screen.run).step
    page.wait_for_timeout(3_000)
    assert (screen.step, _stored(server, screen.run).step) == (paused_at, paused_at)

    # Step once: the counter grows by exactly one.
    screen.press("Step")
    screen.reaches(paused_at + 1)
    screen.is_paused()
    page.wait_for_timeout(1_500)
    assert (screen.step, _stored(server, screen.run).step) == (paused_at + 1, paused_at + 1)

    # Reload the page: it shows the same run.
    run = screen.run
    page.reload()
    screen.is_paused()
    assert (screen.run, screen.step) == (run, paused_at + 1)


def test_a_click_on_a_box_of_the_graph_selects_its_node(server: Server, visit: Visit) -> None:
    screen = visit(server, "Workflow")
    places = {"discriminator": (-1, -1), "training": (0, 1), "generator": (1, -1), "objective": (0, 0)}
    for node, (columns, rows) in places.items():
        screen.click_node(columns, rows)
        expect(screen.page.get_by_text(f"· node {node}").first).to_be_visible()


@pytest.mark.slow
def test_charts_are_not_recreated_when_the_run_is_paused_stepped_and_run(
    server: Server, visit: Visit, wait_for: WaitFor
) -> None:
    """Recreated charts would flicker and leak the memory of the old ones, so that pages become slower each time."""
    screen = visit(server)
    screen.press("Start training")
    screen.is_running()
    wait_for(lambda: screen.chart_end > 0)
    screen.mark_charts()
    _, count = screen.marked_charts
    assert count >= 4
    for press, arrives in [
        ("Pause", screen.is_paused),
        ("Step", screen.is_paused),
        ("Run", screen.is_running),
        ("Pause", screen.is_paused),
    ]:
        screen.press(press)
        arrives()
        screen.page.wait_for_timeout(1_500)
        assert screen.marked_charts == (count, count)


def test_two_browsers_see_the_same_step_and_each_others_pause(
    server: Server, visit: Visit, wait_for: WaitFor, promise: Promise
) -> None:
    def soon(user: str, action: str, arrives: Callable[[], None]) -> None:
        began = time.monotonic()
        arrives()
        promise(f"{user} sees {action}", time.monotonic() - began, SOON)

    first = visit(server)
    first.press("Start training")
    first.is_running()
    second = visit(server, "Train")
    second.is_running()
    first.reaches(1)
    second.reaches(first.step)
    first.reaches(second.step)
    for presses, sees in [(first, second), (second, first)]:
        presses.press("Pause")
        soon("who paused", "the pause", presses.is_paused)
        soon("the other user", "the pause", sees.is_paused)
        wait_for(lambda: first.step == second.step)
        presses.press("Run")
        soon("the other user", "the run continue", sees.is_running)
        soon("who continued", "the run continue", presses.is_running)
    second.press("Pause")
    soon("the other user", "the pause", first.is_paused)


@pytest.mark.slow
def test_a_run_continues_while_every_browser_is_closed(server: Server, visit: Visit) -> None:
    before = visit(server)
    before.press("Start training")
    before.reaches(1)
    run = before.run
    before.close()
    with server.store() as store:
        step = store.run(run).step
        time.sleep(3)
        gone_on = store.run(run).step
    assert gone_on > step
    after = visit(server, f"Train?run={run}")
    after.is_running()
    assert after.step >= gone_on
    after.press("Pause")
    after.is_paused()


@pytest.mark.slow
def test_switching_between_pages_and_runs_does_not_break_the_page(server: Server, visit: Visit) -> None:
    """Streamlit's front end breaks ("Bad delta path index") if a fragment of the page just left is still answered."""
    screen = visit(server)
    more = [name for name in workflows.ORDER if name not in workflows.MINUTES]
    for number, template in enumerate(["mlp-gan", "wgan-gp", "mlp-gan"]):
        screen.press("Start training")
        if number:
            screen.press("Pause it and start mine")
        screen.is_running()
        screen.go_to("Workflow")
        screen.go_to("Train")
        screen.is_running()
        screen.go_to("Home")
        card = screen.page.get_by_role("button", name="Start", exact=True)
        card.nth(more.index(template)).click()
        screen.press("Pause it and start mine")
        screen.page.get_by_role("heading", name=template).wait_for()
        screen.is_running()
        screen.reaches(1)
        screen.go_to("Home")
    assert screen.errors == []
    screen.go_to("Train")
    screen.press("Pause")
    screen.is_paused()


def _stored(server: Server, run: str) -> RunRecord:
    with server.store() as store:
        return store.run(run)
