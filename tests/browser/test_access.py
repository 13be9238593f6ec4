"""Every page in both themes: no request to another host, names of all controls, and enough contrast."""

import re
import signal
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.contrast import Faint, texts_measured
from tests.browser.screen import Screen
from tests.browser.server import Server

pytestmark = pytest.mark.browser

WaitFor = Callable[..., None]

PAGES = {
    # A text that shows that the page is drawn.
    "": "Recent runs",
    "Workflow": "No problems",
    "Train": "Samples",
    "Inspect": "Next stage",
    "Generate": "images from step",
    "Runs": "Open shows a run on Train",
    "Runs?view=queue": "New sweep",
    "Data": "Values of the prepared pixels",
}
CONTROL = re.compile(r"^\s*- (?:button|link|textbox|spinbutton|combobox|slider|switch|checkbox|radio|tab)(?P<name>.*)")
DRAWN = 12
"""Number of texts; a page that shows fewer is not drawn yet."""


def nameless(page: Page) -> list[str]:
    """Controls without a name, or with the name of an icon, as a screen reader would find them."""
    lines = page.locator("body").aria_snapshot().splitlines()
    found = [(line.strip(), match["name"]) for line in lines if (match := CONTROL.match(line))]
    frames = page.locator("iframe").evaluate_all("frames => frames.map(frame => frame.title)")
    return [
        *(line for line, name in found if '"' not in name or re.match(r'^ ".* icon"', name)),
        *("frame" for title in frames if not title),
    ]


def faint_texts(page: Page) -> list[Faint]:
    """The texts without enough contrast, once none is fading in any more."""
    faint: list[Faint] = []
    for _ in range(10):
        faint = texts_measured(page)[1]
        if not faint:
            break
        page.wait_for_timeout(500)
    return faint


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_asks_no_other_host_names_its_controls_and_can_be_read(
    theme: Literal["light", "dark"], server: Server, chromium: Browser, wait_for: WaitFor
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    screen = Screen(context.new_page(), server.url)
    page = screen.page
    screen.open()
    if theme == "light":
        # The other theme shows the same run.
        screen.press("Start training")
        screen.is_running()
        screen.reaches(60)
        screen.press("Pause")
        screen.is_paused()
    wrong: dict[tuple[str, str], object] = {}
    for path, drawn in PAGES.items():
        screen.open(path)
        screen.says(drawn)
        wait_for(lambda: texts_measured(page)[0] >= DRAWN)
        # Enough for charts and for what the browser reports.
        page.wait_for_timeout(400)
        expect(page.locator("link[rel~=icon]").first).to_have_attribute("href", re.compile("^data:image/svg"))
        if faint := faint_texts(page):
            wrong[path, "contrast"] = faint
        if unnamed := nameless(page):
            wrong[path, "names"] = unnamed
    foreign = {url for url in requests if not url.startswith((server.url, "data:", "blob:"))}
    screen.close()
    assert (wrong, foreign, screen.errors) == ({}, set(), [])


def test_the_graph_has_the_theme_of_the_page(server: Server, chromium: Browser, wait_for: WaitFor) -> None:
    screen = Screen(chromium.new_context(viewport={"width": 1280, "height": 900}).new_page(), server.url)
    page = screen.page
    screen.open("Workflow")
    canvas = page.locator('iframe[title*="agraph"]').content_frame.locator("canvas")
    canvas.wait_for()

    def fill() -> int:
        """Red, 0 to 255, of the commonest colour of the graph, which is the fill of boxes."""
        return int(
            canvas.evaluate(
                "canvas => { const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
                "const counts = {}; for (let at = 0; at < data.length; at += 64) if (data[at + 3] === 255)"
                "counts[data[at]] = (counts[data[at]] || 0) + 1;"
                "return +Object.entries(counts).sort((a, b) => b[1] - a[1])[0][0]; }"
            )
        )

    wait_for(lambda: fill() > 180)
    # A page that is open follows the system's theme, and so does one that is opened then.
    page.emulate_media(color_scheme="dark")
    wait_for(lambda: fill() < 90)
    page.reload()
    canvas.wait_for()
    wait_for(lambda: fill() < 90)
    screen.close()


def test_a_stopped_server_says_so(own_server: Server, chromium: Browser) -> None:
    screen = Screen(chromium.new_context(viewport={"width": 1280, "height": 900}).new_page(), own_server.url)
    screen.open()
    screen.says("Recent runs")
    own_server.end(signal.SIGTERM)
    screen.says("The server has stopped.")  # The page asks every five seconds.
    screen.close()
