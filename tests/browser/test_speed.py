"""How long a user waits: for the first page, for the first step, and for another step.

The machine's speed and load double or halve every wait. So our waits alternate with those of a bare Streamlit page, and
the ratio is tested. The seconds are printed.
"""

import time
from collections.abc import Callable, Sequence
from statistics import median

import pytest

from pipeline.bench.first_page import restarted
from pipeline.runtime.handle import TrainerHandle
from tests.browser.screen import Screen, Visit
from tests.browser.server import Server
from tests.promises import Promise

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS = 3.0
STARTS, CLICKS = 2, 5
FIRST_PAGE, STEP = 3.0, 5.0
"""Maximum ratios to a bare page's waits: 3 s and 0.5 s if a bare page takes 1 s and its button 0.1 s."""


def stepped(screen: Screen) -> float:
    """Seconds from a click on Step to the new number on the page."""
    screen.page.wait_for_timeout(500)
    wanted = screen.step + 1
    begun = time.monotonic()
    screen.press("Step")
    screen.reaches(wanted)
    return time.monotonic() - begun


def alternated(measure: Callable[[], tuple[float, float]], count: int, at_most: float) -> list[tuple[float, float]]:
    """At least `count` pairs of our wait and a bare page's; up to three times as many while the median of their ratios
    is above `at_most`, since other programs may have disturbed some."""
    waits: list[tuple[float, float]] = []
    while len(waits) < count or (len(waits) < 3 * count and median(a / b for a, b in waits) > at_most):
        waits.append(measure())
    return waits


def in_words(what: str, waits: list[tuple[float, float]]) -> str:
    ours, bare = zip(*waits, strict=True)
    ratios = spread([a / b for a, b in waits])
    return f"{what} after {spread(ours)} s, a bare one's after {spread(bare)} s: {ratios} times as long"


def spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def test_the_first_page_is_drawn_soon_after_the_server_starts(
    own_server: Server, bare_server: Server, visit: Visit
) -> None:
    ours, bare = visit(own_server), visit(bare_server)
    ours.button("Start training").wait_for()
    bare.button("Step").wait_for()
    waits = alternated(
        lambda: (restarted(ours.page, own_server, "Start training"), restarted(bare.page, bare_server, "Step")),
        STARTS,
        FIRST_PAGE,
    )
    measured = in_words("The first page is drawn", waits)
    print(measured)
    assert median(a / b for a, b in waits) <= FIRST_PAGE, measured


def test_the_first_step_is_trained_soon_after_start_training(
    own_server: Server, visit: Visit, promise: Promise
) -> None:
    screen = visit(own_server)
    screen.button("Start training").wait_for()
    trainer = TrainerHandle(own_server.home)
    while trainer.snapshot.engine != "ready":
        time.sleep(0.05)
    screen.page.wait_for_timeout(3_000)
    begun = time.monotonic()
    screen.press("Start training")
    while not trainer.snapshot.step:
        time.sleep(0.01)
    waited = time.monotonic() - begun
    trainer.close()
    promise("the first step after Start training", waited, SECONDS)


def test_a_click_on_step_is_answered_soon(own_server: Server, bare_server: Server, visit: Visit) -> None:
    """With the default template, from the click to the new number on the page."""
    screen, bare = visit(own_server), visit(bare_server)
    screen.press("Start training")
    screen.reaches(10)
    screen.press("Pause")
    screen.is_paused()
    waits = alternated(lambda: (stepped(screen), stepped(bare)), CLICKS, STEP)
    measured = in_words("Step is answered", waits)
    print(measured)
    assert median(a / b for a, b in waits) <= STEP, measured
