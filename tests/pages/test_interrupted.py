"""An interrupted run: from where it can go on, what was restored, which checkpoints are kept; a run started again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pages.components.shell import state
from pipeline.graph.workflow import Workflow
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio.run import training
from tests.pages.conftest import Browser, WaitFor

TRAIN = "pages/2_Train.py"
RATE = ("generator_optimizer", "learning_rate")


@pytest.fixture
def interrupted(run: str, trainer: TrainerHandle, small: Callable[..., Workflow], wait_for: WaitFor) -> str:
    """A run whose process died 30 steps and one live change after its last checkpoint; another run is loaded."""
    store, step = state.store(), trainer.snapshot.step
    training.start(trainer, small(), "Bob", switch=True)
    training.pause(trainer, trainer.snapshot, "Bob")
    data = {"parameter": ".".join(RATE), "from": 0.0002, "to": 0.003}
    store.add_event(run, step + 10, "parameter changed", "changed", "Ada", data)
    store.update(run, state="interrupted", step=step + 30)
    return run


def test_it_says_from_where_it_can_go_on_and_goes_on_there(
    interrupted: str, trainer: TrainerHandle, browser: Browser, wait_for: WaitFor
) -> None:
    saved = state.store().files(interrupted).checkpoints()[-1][0]
    browser.open(TRAIN, run=interrupted)
    assert (
        f"Interrupted at step {saved + 30:,}. It can go on from its checkpoint of step {saved:,}; 30 steps will be "
        "trained again. Changes after it will be made again: Generator Adam · Learning rate to 0.003"
    ) in browser.words
    assert "shown as it was stored" not in browser.words and browser.has("load")
    assert f"Its process ended at step {saved + 30:,}" in browser.words and "Waiting at step" not in browser.words
    browser.click("resume")
    wait_for(lambda: trainer.snapshot.run == interrupted and trainer.snapshot.step > saved + 10)
    training.pause(trainer, trainer.snapshot, "Ada")
    assert trainer.snapshot.live[".".join(RATE)] == 0.003
    browser.look()
    assert "Interrupted at step" not in browser.words
    (title,) = [each.label for each in browser.app.expander if "restored" in each.label]
    assert title == f"What was restored at step {saved:,}"
    rows = browser.table("Restored").set_index("Item")["Detail"]
    assert rows["Step"] == f"{saved:,}; 30 steps after it trained again"
    assert rows["Change made again"].startswith("Generator Adam · Learning rate to 0.003 at step")


def test_after_a_flipped_bit_the_page_names_the_checkpoint_before_and_then_what_was_restored(
    interrupted: str, trainer: TrainerHandle, browser: Browser, wait_for: WaitFor
) -> None:
    (before, _), (saved, folder) = state.store().files(interrupted).checkpoints()[-2:]
    flip_a_bit(folder / "weights.safetensors")
    browser.open(TRAIN, run=interrupted)
    said = f"The checkpoint of step {saved:,} is damaged. It can go on from its checkpoint of step {before:,}; "
    assert said in browser.words
    browser.click("load")
    wait_for(lambda: trainer.snapshot.run == interrupted and trainer.snapshot.state == "paused")
    assert trainer.snapshot.step == before
    rows = browser.look().table("Restored").set_index("Item")["Detail"]
    assert rows["Newer checkpoint"] == (
        f"that of step {saved:,} is damaged: weights.safetensors has changed since it was saved"
    )
    assert f"The checkpoint of step {saved:,} is damaged" in browser.table("What")["What"].iloc[0]


def test_without_a_checkpoint_that_is_whole_the_page_says_so_and_offers_no_resume(
    interrupted: str, browser: Browser
) -> None:
    for _, folder in state.store().files(interrupted).checkpoints():
        flip_a_bit(folder / "weights.safetensors")
    browser.open(TRAIN, run=interrupted)
    assert "It has no checkpoint from which it could go on." in browser.words
    assert not browser.has("resume")


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_checkpoint_is_pinned_and_unpinned(run: str, browser: Browser, wait_for: WaitFor) -> None:
    browser.open(TRAIN, run=run)
    step = int(browser.table("Kept because").iloc[0]["Checkpoint"])
    assert browser.table("Kept because").iloc[0]["Kept because"].startswith("among the newest")
    browser.click("pin")
    assert browser.table("Kept because").iloc[0]["Kept because"].startswith("pinned")
    # The table of events is made at most once a second.
    sentence = f"Checkpoint of step {step:,} pinned: it is kept"
    wait_for(lambda: sentence in set(browser.look().table("What")["What"]))
    assert browser.app.button(key="pin").label == "Unpin"
    browser.click("pin")
    assert browser.app.button(key="pin").label == "Pin"


def test_a_run_is_reproduced_and_the_page_says_that_both_agree(
    run: str, trainer: TrainerHandle, browser: Browser, wait_for: WaitFor
) -> None:
    last = state.store().run(run).step
    browser.open(TRAIN, run=run)
    browser.click("reproduce")
    wait_for(lambda: trainer.snapshot.run != run and trainer.snapshot.state == "paused")
    assert trainer.snapshot.step == last
    browser.open(TRAIN, run=trainer.snapshot.run)
    assert f"Reproduces run {run}. They agree up to step {last:,}." in browser.words
