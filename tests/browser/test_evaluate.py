"""The Evaluate page in a real browser: measured, compared, and pictures that bring back their workflow."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pipeline.graph import document
from tests.browser.screen import PATIENT, Screen, Visit
from tests.browser.server import Server

pytestmark = pytest.mark.browser

SMALL = ("data.dataset=digits", "generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16",
         "training.batch_size=8", "training.total_steps=1000000", "samples.count=4", "noise.dim=13")  # fmt: skip


@pytest.fixture
def trained(paused_run: Callable[..., str]) -> str:
    """A paused run with checkpoints of its first and its last step."""
    return paused_run("mlp-gan", *SMALL)


def downloaded(screen: Screen, folder: Path) -> Path:
    """The picture behind the button *Download PNG*."""
    with screen.page.expect_download(timeout=PATIENT) as arriving:
        screen.press("Download PNG")
    path = folder / arriving.value.suggested_filename
    arriving.value.save_as(path)
    return path


def choose(screen: Screen, view: str) -> None:
    screen.page.get_by_test_id("stButtonGroup").get_by_text(view, exact=True).click()


def test_a_checkpoint_is_measured_and_its_pictures_bring_back_the_workflow(
    server: Server, visit: Visit, trained: str, tmp_path: Path
) -> None:
    screen = visit(server, f"Evaluate?run={trained}")
    page = screen.page
    images = page.get_by_role("spinbutton", name="Images")
    images.fill("40")
    images.press("Tab")
    page.get_by_role("button", name="Evaluate all checkpoints").click()
    screen.says("Starting the evaluation engine")
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible(timeout=PATIENT)
    screen.says("40 images of seed 0, averaged weights, against 40 held-out images of digits.")

    pictures = []
    choose(screen, "Compare")
    expect(page.get_by_alt_text("25 generated images of")).to_have_count(2, timeout=PATIENT)
    pictures.append(downloaded(screen, tmp_path))
    choose(screen, "Discriminator's view")
    screen.says("Generated images taken for real")
    pictures.append(downloaded(screen, tmp_path))
    assert "view=verdicts" in page.url
    for picture in pictures:
        assert document.read_png(picture.read_bytes()).nodes["noise"].inputs["dim"] == 13

    screen.go_to("Workflow")
    page.locator('iframe[title*="agraph"]').wait_for()
    page.get_by_test_id("stPopoverButton").filter(has_text="Open").click()
    page.locator('input[type="file"]').set_input_files(pictures[0])
    page.frame_locator('iframe[title*="agraph"]').locator("canvas").wait_for()
    expect(page.get_by_role("heading", name="mlp-gan")).to_be_visible(timeout=PATIENT)
    screen.says("digits: Found 1,797 images")
    assert screen.errors == []
