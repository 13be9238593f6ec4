"""How long a user waits after starting the server: for the first page, and for the first step after *Start training*.

In a real Chromium that has visited the page before: the first visit of a browser compiles megabytes of Streamlit's
code, whichever the app. The first page is compared with a bare Streamlit page in turns: a busy machine shows both late.
"""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from pipeline.bench.declaration import Aim, Measurement, NotMeasured, Row, Values, Workbench
from pipeline.bench.server import ROOT, Server
from pipeline.runtime.handle import TrainerHandle

if TYPE_CHECKING:
    from playwright.sync_api import Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
ROUNDS = 3
PATIENT = 120.0
"""Seconds to wait for a page or a step."""
RATIO, PAGE, STEP = "first page", "first page, seconds", "first step"
BUTTON = "Start training"
BARE, BARE_BUTTON = "tests/bare_page.py", "Step"
"""A page without anything of ours, and its button."""


def measure(bench: Workbench) -> Values:
    """Restart the servers in each round, each in its home. Raises NotMeasured without a Chromium or the bare page."""
    if not (ROOT / BARE).is_file():
        raise NotMeasured(f"{BARE}, the page to compare with, is not here: run it in a whole checkout.")
    ratios, pages, steps = [], [], []
    homes = bench.folder / "home", bench.folder / "bare"
    for home in homes:
        home.mkdir()
    with chromium() as page, Server(homes[0]) as server, Server(homes[1], BARE) as bare:
        _shown(page, server, BUTTON)
        _shown(page, bare, BARE_BUTTON)
        for number in range(1 if bench.effort.quick else ROUNDS):
            bench.say(f"starts the servers in round {number + 1}")
            plain = restarted(page, bare, BARE_BUTTON)
            pages.append(restarted(page, server, BUTTON))
            ratios.append(pages[-1] / plain)
            steps.append(_first_step(page, server))
    return {RATIO: ratios, PAGE: pages, STEP: steps}


@contextmanager
def chromium() -> Iterator["Page"]:
    """A page in a headless Chromium. Raises NotMeasured if there is none, or nothing to drive it with."""
    path = os.environ.get("GENSCOPE_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise NotMeasured(
            "There is no Chromium: set GENSCOPE_CHROMIUM to its path, or run python3 tests/run.py, which installs one."
        )
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NotMeasured("The package playwright is missing: install tests/requirements.txt.") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        try:
            page = browser.new_page()
            page.set_default_timeout(PATIENT * 1000)
            yield page
        finally:
            browser.close()


def restarted(page: "Page", server: Server, button: str) -> float:
    """Seconds from the start of the server until its first page shows this button."""
    page.goto("about:blank")
    server.end(signal.SIGTERM)
    server.end_engines()
    begun = time.monotonic()
    server.start()
    _shown(page, server, button)
    return time.monotonic() - begun


def _shown(page: "Page", server: Server, button: str) -> None:
    """Open the first page and wait for its button."""
    page.goto(server.url)
    page.get_by_role("button", name=button, exact=True).wait_for()


def _first_step(page: "Page", server: Server) -> float:
    """Seconds from a click on the button to the first step of the new run, with an engine that is ready."""
    with closing(TrainerHandle(server.home)) as trainer:
        deadline = time.monotonic() + PATIENT
        while trainer.snapshot.engine != "ready" and time.monotonic() < deadline:
            time.sleep(0.05)
        page.wait_for_timeout(2_000)
        begun = time.monotonic()
        page.get_by_role("button", name=BUTTON, exact=True).first.click()
        while not trainer.snapshot.step and time.monotonic() < deadline:
            time.sleep(0.01)
        return time.monotonic() - begun if trainer.snapshot.step else float("inf")


START = Measurement(
    name="start",
    rows=(
        Row(RATIO, "from the server's start to the first page, relative to a bare Streamlit page", Aim("at most", 3)),
        Row(PAGE, "from the server's start to the first page in a browser", unit="s"),
        Row(STEP, "from Start training to the first step", Aim("at most", 3), "s"),
    ),
    seconds=60.0,
    measure=measure,
)
