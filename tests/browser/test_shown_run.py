"""The run that a page shows is in a real browser's URL: through the menu, a reload, Back and Forward, a restart."""

import re
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.screen import Screen, Visit
from tests.browser.server import Server

pytestmark = pytest.mark.browser


def is_at(screen: Screen, page: str, run: str) -> None:
    expect(screen.page).to_have_url(re.compile(rf"/{page}\?(.*&)?run={run}"))


def test_the_run_stays_in_the_url(own_server: Server, visit: Visit) -> None:
    screen = visit(own_server)
    screen.press("Start training")
    screen.is_running()
    run = screen.run
    screen.go_to("Inspect")
    is_at(screen, "Inspect", run)
    screen.go_to("Generate")
    is_at(screen, "Generate", run)
    screen.go_to("Workflow")
    screen.says("Add node")
    assert "run=" not in screen.page.url
    # One click on Back for each page, and Forward again.
    screen.page.go_back()
    is_at(screen, "Generate", run)
    screen.says("images from step")
    screen.page.go_back()
    is_at(screen, "Inspect", run)
    screen.says("Next stage")
    screen.page.go_back()
    is_at(screen, "Train", run)
    screen.page.go_forward()
    is_at(screen, "Inspect", run)
    screen.go_to("Home")
    is_at(screen, "", run)
    screen.page.reload()
    screen.go_to("Train")
    is_at(screen, "Train", run)
    screen.is_running()
    own_server.end(signal.SIGKILL)
    own_server.start()
    screen.page.reload()
    screen.says("Images per second")
    is_at(screen, "Train", run)
