"""Fixtures for browser tests: a real Chromium and real servers."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio import workflows
from pipeline.studio.run import training
from tests.browser.screen import Screen, Visit
from tests.browser.server import Server

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("GENSCOPE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail(
            "Chromium not found. `python3 tests/run.py` finds or installs it, or set GENSCOPE_CHROMIUM to its path."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with one engine, shared by the tests of a file."""
    with _server_in(tmp_path_factory) as running:
        yield running


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for a test that stops it."""
    with _server_in(tmp_path_factory) as running:
        yield running


@pytest.fixture
def bare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a page with only a button and a number, as a measure of Streamlit's speed on this machine."""
    with _server_in(tmp_path_factory, "tests/bare_page.py") as running:
        yield running


@pytest.fixture
def paused_run(server: Server, wait_for: Callable[..., None]) -> Callable[..., str]:
    """`paused_run("flow", "training.seed=1", …)`: a run of a template, trained for a few steps and paused, with
    checkpoints of its first and its last step. Returns its id."""

    def make(template: str, *settings: str) -> str:
        trainer = TrainerHandle(server.home)
        try:
            workflow = edit.apply_settings(workflows.open_template(template), settings, NODES)
            run = training.start(trainer, workflow, "Ada", switch=True)
            wait_for(lambda: trainer.snapshot.step > 20)
            training.pause(trainer, trainer.snapshot, "Ada")
            wait_for(lambda: trainer.snapshot.state == "paused")
        finally:
            trainer.close()
        return run

    return make


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """`visit(server, "Train")` opens a page in a new browser, in a window of `size` and, if asked, in the dark theme.
    Fails the test if the app logged an error in any."""
    screens: list[Screen] = []

    def open_in_a_browser(
        server: Server, path: str = "", size: tuple[int, int] = (1280, 1400), *, dark: bool = False
    ) -> Screen:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
        )
        screens.append(Screen(context.new_page(), server.url))
        screens[-1].open(path)
        return screens[-1]

    yield open_in_a_browser
    for screen in screens:
        screen.close()
    assert [error for screen in screens for error in screen.errors] == []


def _server_in(folders: pytest.TempPathFactory, app: str = "Home.py") -> Server:
    home = folders.mktemp("served") / "home"
    home.mkdir()
    return Server(home, app)
