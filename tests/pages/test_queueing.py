"""The queue from Home, Workflow and Train: runs are added, say where they wait, and follow a paused run."""

from collections.abc import Callable, Iterator

import pytest

from pages.components.shell import state
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs import edits, queue, queue_changes
from pipeline.runs.queue_changes import Waiting
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio.run import training
from tests.pages.conftest import Browser, WaitFor

WORKFLOW, TRAIN = "pages/1_Workflow.py", "pages/2_Train.py"


@pytest.fixture
def paused(run: str, trainer: TrainerHandle) -> Iterator[str]:
    """A paused run, and an empty queue."""
    yield run
    waiting = [each.id for each in queue.entries(state.store()) if each.state == "waiting"]
    queue_changes.cancel(state.store(), waiting)


def links(browser: Browser) -> set[tuple[str, str]]:
    return {(link.proto.label, link.proto.query_string) for link in browser.app.page_link}


def waiting_names() -> list[str]:
    return [each.name for each in queue.entries(state.store()) if each.state == "waiting"]


def add(*names: str, small: Callable[..., Workflow]) -> None:
    queue_changes.add(state.store(), [Waiting(name, document.write(small())) for name in names], "Bo")


def test_a_workflow_is_added_to_the_queue_and_its_place_is_said_with_a_link(paused: str, browser: Browser) -> None:
    browser.open(WORKFLOW, template="mlp-gan")
    browser.app.text_input(key="queue_at").set_value("2030-01-31T18:30")
    browser.click("add_to_queue")
    sentence = "'mlp-gan' waits in the queue, at place 1 of 1. It starts at 31 Jan 2030, 18:30 or later."
    assert sentence in browser.words and ("Show the queue", "view=queue") in links(browser)
    assert sentence in browser.look().words, "the message stays when the page is drawn again"
    assert sentence not in browser.click("dismiss_done").words
    assert waiting_names() == ["mlp-gan"]


def test_a_start_time_that_cannot_be_read_is_refused_beside_the_field(paused: str, browser: Browser) -> None:
    browser.open(WORKFLOW, template="mlp-gan")
    browser.app.text_input(key="queue_at").set_value("soon")
    browser.click("add_to_queue")
    assert "soon" in browser.errors and "HH:MM" in browser.errors and not waiting_names()


def test_a_fork_does_not_wait(paused: str, browser: Browser) -> None:
    browser.open(WORKFLOW, fork=paused)
    assert not browser.has("add_to_queue") and browser.has("start_run")
    browser.click("start_afresh")
    assert browser.has("add_to_queue")


def test_the_question_of_home_offers_the_queue(
    paused: str, trainer: TrainerHandle, small: Callable[..., Workflow], browser: Browser
) -> None:
    first = training.start(trainer, small(), "Ada", switch=True)
    browser.look().click("start mlp-gan").click("queue_run")
    assert "'mlp-gan' waits in the queue, at place 1 of 1." in browser.words
    assert (trainer.snapshot.run, trainer.snapshot.state) == (first, "running")
    browser.open(WORKFLOW, template="mlp-gan").open("Home.py")
    assert "waits in the queue" not in browser.words, "the message belongs to the page on which it was said"


def test_train_says_which_runs_wait_for_a_paused_one_and_starts_the_next(
    paused: str,
    trainer: TrainerHandle,
    small: Callable[..., Workflow],
    browser: Browser,
    another_browser: Browser,
    wait_for: WaitFor,
) -> None:
    assert not browser.open(TRAIN, run=paused).has("start_next")
    add("a", "b", "c", small=small)
    assert "3 runs wait for this one: 'a', 'b' and 1 more." in browser.look().words
    another_browser.open(TRAIN, run=paused)
    browser.click("start_next")
    assert (browser.title, browser.state) == ("a", "running")

    step = state.store().run(paused).step
    sentence = f"This run was saved at step {step:,}, and the queue has started the next one: 'a', which Bo added."
    assert sentence in another_browser.look().words
    assert ("Open it", f"run={trainer.snapshot.run}") in links(another_browser)
    assert sentence not in browser.open(TRAIN, run=paused).words, "only where the change was seen"
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")


def test_a_loaded_run_has_its_new_name_on_every_page(paused: str, browser: Browser) -> None:
    edits.rename(state.store(), paused, "faces")
    assert browser.open(TRAIN, run=paused).title == "faces"
    assert "**faces** · paused" in browser.open("Home.py").words
