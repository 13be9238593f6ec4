"""The Denoising view in a real browser: noise becomes images, and the slider over training moves."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.screen import PATIENT, Screen, Visit
from tests.browser.server import Server

pytestmark = pytest.mark.browser

WaitFor = Callable[..., None]
SMALL = ("data.dataset=digits", "network.channels=8", "training.batch_size=8", "training.total_steps=1000000",
         "sampling.steps=4", "samples.count=4")  # fmt: skip


@pytest.fixture
def denoised(paused_run: Callable[..., str]) -> str:
    """A paused run of flow matching on small digits, with checkpoints of its first and its last step."""
    return paused_run("flow", *SMALL)


def picture(screen: Screen, alternative: str) -> bytes:
    """The PNG with this alternative text, once it is drawn and not being drawn again."""
    found = screen.page.get_by_alt_text(alternative)
    found.wait_for()
    return screen.page.request.get(f"{found.get_attribute('src')}").body()


def test_the_denoising_view_follows_the_slider_over_training(
    server: Server, visit: Visit, denoised: str, wait_for: WaitFor
) -> None:
    screen = visit(server, f"Inspect?run={denoised}")
    page = screen.page
    page.get_by_test_id("stButtonGroup").get_by_text("Denoising").click()
    screen.says("Without guidance")
    screen.says("With guidance 3")
    finished = "Images at t = 0.00, without guidance"
    learned = picture(screen, finished)
    with Image.open(BytesIO(learned)) as column:
        assert column.height > 5 * column.width
    noise = picture(screen, "Images at t = 1.00, without guidance")
    assert noise != learned
    expect(page.get_by_alt_text("Images at t =")).to_have_count(10, timeout=PATIENT)

    slider = page.get_by_role("slider", name="Checkpoint")
    slider.focus()
    page.keyboard.press("Home")
    screen.says("Step 0. ")
    wait_for(lambda: picture(screen, finished) != learned)
    assert "step=0" in page.url and "view=path" in page.url

    # Another number of columns is drawn at the same checkpoint, also if the page polls the server just then.
    times = page.get_by_role("spinbutton", name="Times")
    for turn in range(8):
        columns = 3 + turn % 2
        page.wait_for_timeout(60 * turn)
        times.click()
        page.keyboard.press("Control+a")
        page.keyboard.type(str(columns))
        page.keyboard.press("Tab")
        expect(page.get_by_alt_text("Images at t =")).to_have_count(2 * columns, timeout=PATIENT)
