"""How long a user waits after starting the server: for the first page, and for the first step after *Start training*.

In a real Chromium that has visited the page before: the first visit of a browser compiles megabytes of Streamlit's
code, whichever the app.
"""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from pipeline.bench.declaration import Aim, Measurement, NotMeasured, Row, Values, Workbench
from pipeline.bench.server import Server
from pipeline.runtime.handle import TrainerHandle

if TYPE_CHECKING:
    from playwright.sync_api import Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
ROUNDS = 3
PATIENT = 120.0
"""Seconds to wait for a page or a step."""
PAGE, STEP = "first page", "first step"
BUTTON = "Start training"


def measure(bench: Workbench) -> Values:
    """Restart the server in each round, in one home. Raises NotMeasured without a Chromium."""
    pages, steps = [], []
    home = bench.folder / "home"
    home.mkdir()
    with chromium() as page, Server(home) as server:
        _shown(page, server)
        for number in range(1 if bench.effort.quick else ROUNDS):
            bench.say(f"starts the server in round {number + 1}")
            page.goto("about:blank")
            server.end(signal.SIGTERM)
            server.end_engines()
            begun = time.monotonic()
            server.start()
            _shown(page, server)
            pages.append(time.monotonic() - begun)
            steps.append(_first_step(page, server))
    return {PAGE: pages, STEP: steps}


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


def _shown(page: "Page", server: Server) -> None:
    """Open the first page and wait for its button."""
    page.goto(server.url)
    page.get_by_role("button", name=BUTTON, exact=True).wait_for()


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
        Row(PAGE, "from the start of the server to the first page in a browser", Aim("at most", 4), "s"),
        Row(STEP, "from Start training to the first step", Aim("at most", 3), "s"),
    ),
    seconds=45.0,
    measure=measure,
)
