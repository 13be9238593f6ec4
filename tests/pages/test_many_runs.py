"""Pages with lists of runs, in a home that has ten thousand."""

import time
from pathlib import Path

import pytest

from pages.components.shell import state
from tests.many_runs import make_many
from tests.pages.conftest import Browser
from tests.promises import Promise

RUNS = 10_000


@pytest.mark.slow
def test_pages_with_ten_thousand_runs_open_within_a_second(shared_home: Path, promise: Promise) -> None:
    make_many(state.store(), RUNS, series=20)
    browser = Browser().look()
    for page, address in {
        "pages/6_Runs.py": {},
        "pages/6_Runs.py?": {"find": "run 99", "sort": "-m3:low"},
        "Home.py": {},
        "pages/4_Generate.py": {},
    }.items():
        seconds = []
        for _ in range(3):
            began = time.perf_counter()
            browser.open(page.rstrip("?"), **address)
            seconds.append(time.perf_counter() - began)
        promise(f"{page} of {RUNS:,} runs", min(seconds), 1.0)
    table = browser.open("pages/6_Runs.py", find="run 99").table("Run")
    assert 0 < len(table) < RUNS
