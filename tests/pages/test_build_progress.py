"""A run whose images take long to read, in the browser that started it and in another one."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pages.components.shell.starting import WAITING
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio import workflows
from pipeline.studio.run import training
from tests.pages.conftest import Browser

WaitFor = Callable[..., None]


@pytest.fixture
def slow_template(small: Callable[..., Workflow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default template with 5,000 large images, which take more than a minute to read."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("L", (2000, 2000)).save(folder / "0.png")
    for number in range(1, 5_000):
        (folder / f"{number}.png").hardlink_to(folder / "0.png")
    workflow = small()
    data = NodeData("ImageFiles", {"source": str(folder), "image_size": 8})
    slow = replace(workflow, nodes={**workflow.nodes, "data": data})
    monkeypatch.setattr(workflows, "open_template", lambda name: slow)


def test_every_browser_sees_the_progress_and_can_stop_it(
    trainer: TrainerHandle, slow_template: None, browser: Browser, another_browser: Browser, wait_for: WaitFor
) -> None:
    browser.open("Home.py")
    click = threading.Thread(target=browser.click, args=("start_default",))
    click.start()
    wait_for(lambda: trainer.snapshot.doing.startswith("Reading images"))

    another_browser.open("Home.py")
    assert "Reading images" in another_browser.words and "of 5,000" in another_browser.words
    another_browser.click("stop_preparing_here")
    click.join(120)
    assert not click.is_alive()
    assert "Stopped while reading images" in browser.errors
    assert browser.title == "Genscope"
    assert "Reading images" not in another_browser.look().words


def test_a_click_while_waiting_does_not_lose_the_started_run(
    trainer: TrainerHandle, browser: Browser, small: Callable[..., Workflow], wait_for: WaitFor
) -> None:
    browser.open("Home.py")
    begun = WAITING.submit(training.start, trainer, small(), "Ada", switch=True)
    browser.app.session_state["beginning"] = (begun, training.start)
    browser.look()

    assert browser.title.replace("\\", "") == "mlp-gan"
    training.pause(trainer, trainer.snapshot, "Ada")
