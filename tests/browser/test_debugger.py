"""The debugger in a real browser: walk through a step, hit a breakpoint, go back, change a setting."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.screen import Screen, Visit
from tests.browser.server import Server

pytestmark = pytest.mark.browser

WaitFor = Callable[..., None]


def waits_at(screen: Screen) -> int:
    """The step in the state line of a paused run."""
    told = screen.page.get_by_text(re.compile(r"^Waiting at step")).first
    told.wait_for()
    return int(told.inner_text().split()[-1].replace(",", ""))


def marks(screen: Screen) -> int:
    """The number of marks in the first chart."""
    return screen.page.get_by_test_id("stVegaLiteChart").first.locator(".mark-rule line").count()


def test_walk_breakpoint_back_and_a_live_change(server: Server, visit: Visit, wait_for: WaitFor) -> None:
    screen = visit(server)
    page = screen.page
    screen.press("Start training")
    screen.is_running()
    screen.reaches(20)
    screen.press("Pause")
    screen.is_paused()

    # Walk through one whole step: every stage has the heading that the list of stages gives it, and the last one ends
    # the step.
    screen.go_to("Inspect")
    begun = waits_at(screen)
    headings = set()
    stages = 14
    for number in range(1, stages + 1):
        screen.press("Next stage")
        screen.says(f"Stage {number} of {stages}")
        buttons = page.get_by_test_id("stBaseButton-tertiary").locator("strong")
        heading = buttons.filter(has_text=re.compile(f"^{number} ")).first.inner_text().partition(" ")[2]
        expect(page.get_by_test_id("stHeading").last).to_have_text(heading)
        headings.add(heading)
    assert len(headings) >= 8
    wait_for(lambda: waits_at(screen) == begun + 1)

    # Set a breakpoint: training pauses at the step at which its condition becomes true.
    screen.go_to("Train")
    screen.is_paused()
    stop = begun + 41
    screen.page.get_by_text("Breakpoints and watches").first.click()
    field = page.get_by_role("textbox", name="New breakpoint")
    field.fill(f"step >= {stop} and D_loss > 0")
    field.press("Enter")
    screen.says(f"step >= {stop} and D_loss > 0")
    screen.press("Run")
    screen.says(f"Breakpoint at step {stop}")
    screen.is_paused()
    assert screen.step == stop

    # Go back one step, and forward again.
    screen.press("Back")
    page.get_by_role("button", name=re.compile("^One step")).click()
    wait_for(lambda: screen.step == stop - 1)
    screen.press("Step")
    wait_for(lambda: screen.step == stop)

    # Change a learning rate during training: a mark appears on the chart.
    before = marks(screen)
    screen.press("Run")
    screen.is_running()
    rate = page.get_by_role("spinbutton", name="Learning rate").first
    rate.fill("0.0005")
    rate.press("Enter")
    wait_for(lambda: marks(screen) > before)
    expect(page.get_by_role("spinbutton", name="Learning rate").first).to_have_value("0.0005")
    screen.press("Pause")
    screen.is_paused()
