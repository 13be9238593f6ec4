"""Runs whose workflow this version cannot read, for example because of unknown node types: every page still opens."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio.run import training
from tests.pages.conftest import Browser, WaitFor

PAGES = [
    ("Home.py", ""),
    ("pages/1_Workflow.py", ""),
    ("pages/2_Train.py", ""),
    ("pages/3_Inspect.py", ""),
    ("pages/3_Inspect.py", "layers"),
    ("pages/3_Inspect.py", "film"),
    ("pages/3_Inspect.py", "codes"),
    ("pages/3_Inspect.py", "profile"),
    ("pages/4_Generate.py", ""),
    ("pages/5_Evaluate.py", ""),
    ("pages/5_Evaluate.py", "failures"),
    ("pages/6_Runs.py", ""),
    ("pages/6_Runs.py", "compare"),
    ("pages/6_Runs.py", "tree"),
    ("pages/6_Runs.py", "queue"),
    ("pages/7_Data.py", ""),
]


def of_unknown_type(*nodes: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        found = json.loads(text)
        for node in nodes:
            found["prompt"][node]["class_type"] = "NodeOfOld"
        return json.dumps(found)

    return change


WORKFLOWS: dict[str, Callable[[str], str]] = {
    "an unknown network": of_unknown_type("generator"),
    "an unknown training": of_unknown_type("training"),
    "nothing but unknown nodes": of_unknown_type("data", "generator", "objective", "training", "samples"),
    "no document": lambda text: "{not JSON",
    "no text": lambda text: "",
}


@pytest.fixture(scope="module")
def old_runs(
    trainer: TrainerHandle, small: Callable[..., Workflow], wait_for: WaitFor, shared_home: Path
) -> Iterator[dict[str, str]]:
    """A paused run for each of the workflows, with curves and grids."""
    runs = {}
    for what in WORKFLOWS:
        runs[what] = training.start(trainer, small("samples.every=10"), "Ada", switch=True)
        wait_for(lambda: trainer.snapshot.step > 20)
        training.pause(trainer, trainer.snapshot, "Ada")
        wait_for(lambda: trainer.snapshot.state == "paused")
    training.start(trainer, small(), "Ada", switch=True)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    with sqlite3.connect(shared_home / "genscope.sqlite", timeout=90) as database:
        for what, change in WORKFLOWS.items():
            text = change(document.write(small("samples.every=10")))
            database.execute("UPDATE runs SET workflow_text = ? WHERE id = ?", (text, runs[what]))
    database.close()
    yield runs


@pytest.mark.parametrize(("page", "view"), PAGES)
@pytest.mark.parametrize("what", WORKFLOWS)
def test_every_page_opens(old_runs, browser: Browser, what: str, page: str, view: str) -> None:
    runs = {"runs": ",".join(old_runs.values())} if page == "pages/6_Runs.py" else {"run": old_runs[what]}
    browser.open(page, **(runs | ({"view": view} if view else {})))
    assert browser.title


@pytest.mark.parametrize("what", WORKFLOWS)
def test_curves_and_grids_are_still_shown(old_runs, browser: Browser, what: str) -> None:
    browser.open("pages/2_Train.py", run=old_runs[what])
    assert {"Loss", "Gradient norm"} <= {chart.title for chart in browser.charts}
    browser.open("pages/3_Inspect.py", run=old_runs[what], view="film")
    assert browser.app.image


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("an unknown network", "There is no node type 'NodeOfOld'"),
        ("no document", "is not a workflow: it is not JSON"),
    ],
)
def test_generate_says_why_it_cannot_draw(old_runs, drawer, browser: Browser, what: str, sentence: str) -> None:
    assert sentence in browser.open("pages/4_Generate.py", run=old_runs[what]).errors
