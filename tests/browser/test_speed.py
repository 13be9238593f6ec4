"""How long a user waits: for the first page, for the first step, and for one step more."""

import signal
import time
from statistics import median

import pytest

from pipeline.runtime.handle import TrainerHandle
from tests.browser.screen import Visit
from tests.browser.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS = 3.0
CLICKS = 9


def test_the_first_page_is_drawn_within_three_seconds_of_the_servers_start(own_server: Server, visit: Visit) -> None:
    """The browser has seen Genscope before: a first visit compiles megabytes of Streamlit's code, whatever the app."""
    screen = visit(own_server)
    screen.button("Start training").wait_for()
    screen.page.goto("about:blank")
    own_server.end(signal.SIGTERM)
    own_server.end_engines()
    started = time.monotonic()
    own_server.start()
    screen.open()
    screen.button("Start training").wait_for()
    waited = time.monotonic() - started
    assert waited < SECONDS, f"after {waited:.2f} seconds"


def test_the_first_step_is_trained_within_three_seconds_of_start_training(own_server: Server, visit: Visit) -> None:
    screen = visit(own_server)
    screen.button("Start training").wait_for()
    trainer = TrainerHandle(own_server.home)
    while trainer.snapshot.engine != "ready":
        time.sleep(0.05)
    screen.page.wait_for_timeout(3_000)
    started = time.monotonic()
    screen.press("Start training")
    while not trainer.snapshot.step:
        time.sleep(0.01)
    waited = time.monotonic() - started
    trainer.close()
    assert waited < SECONDS, f"after {waited:.2f} seconds"


def test_a_click_on_step_is_answered_within_half_a_second(own_server: Server, visit: Visit) -> None:
    """On the default template, from the click to the new number on the page, as the median of several clicks."""
    screen = visit(own_server)
    screen.press("Start training")
    screen.reaches(10)
    screen.press("Pause")
    screen.is_paused()
    waits = []
    for _ in range(CLICKS):
        screen.page.wait_for_timeout(1_000)
        wanted = screen.step + 1
        started = time.monotonic()
        screen.press("Step")
        screen.reaches(wanted)
        waits.append(time.monotonic() - started)
    print(f"Step is answered after {median(waits):.2f} s, at most {max(waits):.2f} s")
    assert median(waits) <= 0.5
