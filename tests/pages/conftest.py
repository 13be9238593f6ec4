"""Fixtures for page tests: browsers simulated by AppTest, with a real engine that the tests of a file share."""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
import streamlit as st
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.proto.VegaLiteChart_pb2 import VegaLiteChart
from streamlit.testing.v1 import AppTest

from pages.components.shell import state
from pipeline.graph import edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio import workflows
from pipeline.studio.run import training

ROOT = Path(__file__).parents[2]
SMALL = (
    "data.dataset=digits", "generator.image_size=8", "generator.hidden=16,16", "discriminator.hidden=16,16",
    "training.batch_size=8", "training.total_steps=1000000", "samples.count=4",
)  # fmt: skip

TRIES = 4
NO_TIME = 25.0
"""Maximum duration of a page's script in units of a bare page's: 0.15 seconds if that takes 6 ms."""

WaitFor = Callable[..., None]


class Chart(NamedTuple):
    """A chart as the browser receives it: its specification as JSON, and its data. before: data from before a fork.
    view: the ends of its axes and its note."""

    specification: str
    points: pd.DataFrame
    marks: pd.DataFrame
    before: pd.DataFrame | None
    view: Mapping[str, object]

    @property
    def title(self) -> str:
        return str(json.loads(self.specification)["title"]["text"])


class Browser:
    """One browser, which opens pages and reads their contents. It starts at Home."""

    def __init__(self, first: str = "Home.py") -> None:
        self.app = AppTest.from_file(str(ROOT / first), default_timeout=120)

    def open(self, page: str, **address: str | list[str]) -> "Browser":
        """Go to a page ("Home.py", "pages/2_Train.py") with these query parameters."""
        self.app.switch_page(page)
        self.app.query_params = dict(address)
        return self.look()

    def look(self) -> "Browser":
        """Run the page with the current values of its fields."""
        self.app.run()
        assert not self.app.exception
        return self

    def click(self, key: str) -> "Browser":
        self.app.button(key=key).click()
        return self.look()

    def has(self, key: str) -> bool:
        """Whether there is an enabled button with this key."""
        return any(button.key == key and not button.disabled for button in self.app.button)

    @property
    def title(self) -> str:
        return self.app.title[0].value

    @property
    def markdown(self) -> list[str]:
        """All texts that are drawn as Markdown."""
        app = self.app
        texts = (*app.title, *app.subheader, *app.markdown, *app.caption, *app.error, *app.warning)
        return [*(element.value for element in texts), *(bar.text for bar in app.progress)]

    @property
    def words(self) -> str:
        """All Markdown texts without escaping backslashes."""
        return "\n".join(self.markdown).replace("\\", "")

    @property
    def errors(self) -> str:
        return "\n".join(element.value for element in self.app.error).replace("\\", "")

    @property
    def step(self) -> int:
        """The number under "Step" on the Train page."""
        return int(next(metric.value for metric in self.app.metric if metric.label == "Step").replace(",", ""))

    @property
    def state(self) -> str:
        """The state badge of the Train page."""
        badge = next(element.value for element in self.app.markdown if "-badge[" in element.value)
        return badge.removesuffix("]").split()[-1]

    def table(self, column: str) -> pd.DataFrame:
        """The first table on the page that has this column."""
        return next(frame.value for frame in self.app.dataframe if column in frame.value.columns)

    @property
    def charts(self) -> list[Chart]:
        protos = [chart.proto for chart in self.app.get("vega_lite_chart")]
        return [
            Chart(proto.spec, found["points"], found["marks"], found.get("before"), found["view"].iloc[0])
            for proto in protos
            if "points" in (found := _datasets(proto))
        ]

    def is_drawn_in_no_time(self) -> bool:
        """Whether the page's script, once warm, takes at most `NO_TIME` times as long as a bare page's.

        The two alternate and the median ratio counts, so that the speed of the machine does not matter. If other
        programs disturb one measurement, a later one may succeed.
        """
        bare = Browser("tests/bare_page.py").look()
        for _ in range(TRIES):
            pairs = [(self._seconds(), bare._seconds()) for _ in range(9)]
            ratio = statistics.median(own / plain for own, plain in pairs)
            own, plain = (1000 * statistics.median(each) for each in zip(*pairs, strict=True))
            print(f"\n{self.title}: {own:.0f} ms, a bare page {plain:.1f} ms, {ratio:.1f} times as long")
            if ratio <= NO_TIME:
                return True
        return False

    def _seconds(self) -> float:
        begin = time.perf_counter()
        self.look()
        return time.perf_counter() - begin


def _datasets(chart: VegaLiteChart) -> dict[str, pd.DataFrame]:
    return {data.name: convert_arrow_bytes_to_pandas_df(data.data.data) for data in chart.datasets}


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def another_browser() -> Browser:
    return Browser()


@pytest.fixture(scope="module", autouse=True)
def _fresh_caches() -> Iterator[None]:
    """Clear Streamlit's caches for every test file, because they belong to one home and each file has its own."""
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(scope="session")
def small() -> Callable[..., Workflow]:
    """`small("node.parameter=value", ...)`: the plain GAN on 8×8 digits with tiny networks."""
    return lambda *settings: edit.apply_settings(workflows.open_template("mlp-gan"), [*SMALL, *settings], NODES)


@pytest.fixture(scope="module")
def trainer(shared_home: Path, wait_for: WaitFor) -> TrainerHandle:
    """The pages' trainer, with its engine ready."""
    handle = state.trainer()
    wait_for(lambda: handle.snapshot.engine == "ready")
    return handle


@pytest.fixture(scope="module")
def drawer(shared_home: Path, wait_for: WaitFor) -> TrainerHandle:
    """The pages' drawing engine, ready."""
    handle = state.drawing_engine()
    wait_for(lambda: handle.snapshot.engine == "ready")
    return handle


@pytest.fixture
def run(trainer: TrainerHandle, small: Callable[..., Workflow], wait_for: WaitFor) -> str:
    """A paused run that has trained more than fifty steps."""
    run = training.start(trainer, small(), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 50)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    return run
