"""A page in a browser as a user sees it: read it, press its buttons, and collect its errors."""

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

SOON = 2.0
"""Seconds within which a page shows another user's action, on a quiet machine."""
TRIES = 10
PATIENT = 90_000
"""Milliseconds that the tests wait for anything."""

FROM_OUTSIDE = re.compile(
    r"Failed to load resource"  # icons from a font server, and Streamlit's probing for the app's base path
    r"|WebSocket connection to .* failed"  # a server that was stopped
    r"|Cannot send rerun backMessage when disconnected"  # a poll of a page whose server was stopped
    r"|Failed to fetch dynamically imported module"  # a server that was killed while the page was loading
    r"|(Image|Download Button) (source|fetch) error"  # a grid replaced before it was fetched, or a killed server
)
"""Errors in the browser that are caused by the network and not by the app."""


class Screen:
    """A page of the app. `errors` collects the errors that the app's code logs in the browser."""

    def __init__(self, page: Page, server: str) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self._open = True
        page.set_default_timeout(PATIENT)
        page.on("pageerror", lambda error: self._hear(str(error)))
        page.on("console", self._listen)

    def open(self, path: str = "") -> None:
        self.page.goto(f"{self.server}/{path}")

    def close(self) -> None:
        """Close the window, as a user does. Connections that break then do not count as errors."""
        self._open = False
        self.page.context.close()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        self.button(name).first.click()

    def go_to(self, title: str) -> None:
        """Go to a page by the menu in the sidebar."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()

    def says(self, sentence: str, within: float = PATIENT) -> None:
        expect(self.page.get_by_text(sentence).first).to_be_visible(timeout=within)

    def is_running(self, within: float = PATIENT) -> None:
        expect(self.button("Pause")).to_be_visible(timeout=within)

    def is_paused(self, within: float = PATIENT) -> None:
        expect(self.button("Step")).to_be_enabled(timeout=within)

    @property
    def run(self) -> str:
        """The id of the run in the address."""
        return parse_qs(urlparse(self.page.url).query)["run"][0]

    @property
    def step(self) -> int:
        metric = self.page.get_by_test_id("stMetric").filter(has_text=re.compile("^Step"))
        # During a rerun, the old element may be there together with the new one for a moment.
        return int(metric.get_by_test_id("stMetricValue").first.inner_text().replace(",", ""))

    def reaches(self, step: int, within: float = PATIENT) -> None:
        """Wait until the counter shows this step or a later one."""
        deadline = time.monotonic() + within / 1000
        while self.step < step:
            assert time.monotonic() < deadline, f"the counter is at {self.step}, not yet at {step}"
            self.page.wait_for_timeout(20)

    @property
    def chart_end(self) -> float:
        """The last tick of the first chart's x-axis; 0 if nothing is drawn."""
        ticks = self.chart_ticks
        return ticks[0][-1] if ticks else 0.0

    @property
    def chart_ticks(self) -> list[tuple[float, ...]]:
        """The numbers at each chart's x-axis. Not its label for screen readers: Vega writes that when it creates an
        axis, and leaves it when only the ticks move."""
        axes = self.page.get_by_test_id("stVegaLiteChart").locator('[aria-label^="X-axis"]')
        texts = [axis.locator(".role-axis-label text").all_text_contents() for axis in axes.all()]
        return [tuple(float(tick.replace(",", "")) for tick in ticks) for ticks in texts if ticks]

    @property
    def chart(self) -> str:
        """The lines of the first chart as SVG path data."""
        lines = self.page.get_by_test_id("stVegaLiteChart").first.locator(".mark-line path")
        return " ".join(line.get_attribute("d") or "" for line in lines.all())

    def mark_charts(self) -> None:
        """Put a mark on each chart, which disappears if the browser creates the chart again."""
        for chart in self._drawn_charts.all():
            chart.evaluate("chart => { chart.dataset.marked = 'yes' }")

    @property
    def marked_charts(self) -> tuple[int, int]:
        """The number of charts that still have their mark, and the number of all charts."""
        return self._drawn_charts.and_(self.page.locator("[data-marked]")).count(), self._drawn_charts.count()

    @property
    def _drawn_charts(self) -> Locator:
        return self.page.get_by_test_id("stVegaLiteChart").locator("svg.marks")

    @property
    def samples(self) -> bytes:
        """The sample grid's PNG. If the grid is replaced between reading its URL and fetching it, try again."""
        for _ in range(TRIES):
            source = self.page.get_by_alt_text("Grid of generated images").get_attribute("src")
            answer = self.page.request.get(f"{source}")
            if answer.ok:
                return answer.body()
            self.page.wait_for_timeout(200)
        raise AssertionError(f"the sample grid cannot be fetched: {answer.status} for {source}")

    def click_node(self, columns: int, rows: int) -> None:
        """Click into the graph, this many columns to the right of its centre and this many rows below it."""
        frame = self.page.locator('iframe[title*="agraph"]')
        frame.content_frame.locator("canvas").wait_for()
        box = frame.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + box["width"] / 2 + 215 * columns, box["y"] + box["height"] / 2 + 88 * rows)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._hear(message.text)

    def _hear(self, error: str) -> None:
        if self._open and not FROM_OUTSIDE.search(error):
            self.errors.append(error)


Visit = Callable[..., Screen]
"""`visit(server, "Train")`: a page of that server, opened in a new browser."""
