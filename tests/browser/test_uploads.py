"""Uploads through a real browser: a broken file in a zip is reported; a zip with paths outside itself is refused."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pipeline.data.files.opening import UPLOADS
from tests.browser.screen import Screen, Visit
from tests.browser.server import Server
from tests.data.files.pictures import png

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WaitFor = Callable[..., None]


def zipped(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for inner, content in files.items():
            archive.writestr(inner, content)
    (folder / name).write_bytes(stream.getvalue())
    return folder / name


def upload(screen: Screen, path: Path) -> None:
    screen.page.locator('input[type="file"]').set_input_files(path)
    expect(screen.page.get_by_text(path.name).first).to_be_visible()
    screen.press("Save upload")


def metric(screen: Screen, label: str) -> str:
    found = screen.page.get_by_test_id("stMetric").filter(has_text=label)
    return found.get_by_test_id("stMetricValue").first.inner_text()


def test_a_good_upload_is_reported_on_and_used_and_a_bad_one_refused(
    server: Server, visit: Visit, tmp_path: Path, wait_for: WaitFor
) -> None:
    photos = {f"{kind}/{n}.png": png(40, 30, seed=n) for kind in ("cat", "dog") for n in range(40)}
    sound = zipped(tmp_path, "photos.zip", photos | {"dog/broken.png": b"broken"})
    evil = zipped(tmp_path, "evil.zip", {"../../evil.png": png()})

    screen = visit(server, "Data")
    page = screen.page
    screen.says("Images of each class")
    upload(screen, sound)
    screen.says("photos.zip is a zip of images.")
    wait_for(lambda: metric(screen, "Images") == "80")
    assert (metric(screen, "Classes"), metric(screen, "Left out")) == ("2", "1")
    screen.says("1 file is left out; see the list below.")
    expect(page.get_by_alt_text("original, prepared and augmented")).to_have_count(12)
    # The table is drawn on a canvas; its cells are also there as text for screen readers.
    expect(page.locator("td", has_text="dog/broken.png")).to_have_count(1)

    upload(screen, evil)
    screen.says("'evil.zip' cannot be used: its entry '../../evil.png' leads out of the zip. Nothing was stored.")
    assert [path.name for path in (server.home / UPLOADS).iterdir()] == ["photos.zip"]
    assert not list(tmp_path.parent.rglob("evil.png"))

    screen.press("Use in workflow")
    screen.says("The workflow now uses this data set.")
    page.get_by_test_id("stMainBlockContainer").get_by_role("link", name="Open Workflow").click()
    expect(screen.button("Start run")).to_be_enabled()
    screen.press("Undo")
    expect(page.get_by_text("template", exact=True)).to_be_visible()
