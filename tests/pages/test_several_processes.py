"""A run that two processes train, started, steered and debugged from the pages. The tests share an engine, in order."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.errors.training import CommandRefused
from pipeline.graph.workflow import Workflow
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.store import Store
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.commands import Profile
from pipeline.studio.run import debugging, training
from tests.pages.conftest import Browser, WaitFor

TRAIN, INSPECT = "pages/2_Train.py", "pages/3_Inspect.py"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(trainer: TrainerHandle, small: Callable[..., Workflow], wait_for: WaitFor) -> Iterator[str]:
    """A run that two processes train: an engine with two takes over from the one that was there."""
    one = trainer.snapshot.pid
    run = training.start(trainer, small("training.processes=2"), "Ada")
    assert trainer.snapshot.processes == 2 and trainer.snapshot.pid != one
    yield run


def settled(trainer: TrainerHandle, wait_for: WaitFor) -> None:
    wait_for(lambda: trainer.snapshot.state != "running")


def followers(trainer: TrainerHandle) -> list[psutil.Process]:
    """The processes of the engine besides the first."""
    first = psutil.Process(trainer.snapshot.pid)
    return [each for each in first.parent().children() if each.pid != first.pid]


def test_it_trains_and_is_paused_and_stepped_on_the_page(
    run: str, trainer: TrainerHandle, browser: Browser, wait_for: WaitFor, shared_home: Path
) -> None:
    wait_for(lambda: trainer.snapshot.step > 30)
    assert "Training on cpu in 2 processes" in browser.open(TRAIN, run=run).words
    browser.click("pause")
    step = browser.step
    assert browser.state == "paused" and len(followers(trainer)) == 1
    assert "with 1 CPU thread in each of 2 processes." in browser.words or "CPU threads in each of 2" in browser.words
    assert browser.click("step").step == step + 1
    assert "D_loss" in trainer.snapshot.metrics and browser.charts and trainer.snapshot.samples
    with Store(shared_home) as store:
        assert store.run(run).processes == 2


def test_a_step_is_walked_stage_by_stage_and_finished(run: str, trainer: TrainerHandle, browser: Browser) -> None:
    before = trainer.snapshot.step
    debugging.next_stage(trainer, trainer.snapshot, "Ada")
    debugging.run_to_stage(trainer, trainer.snapshot, "Ada", 3)
    stage = trainer.snapshot.stage
    assert stage is not None and stage.number == 3 and trainer.snapshot.step == before
    words = browser.open(INSPECT, run=run).words
    assert "process 0 of 2, 4 of 8 images" in words and "The generator made 4 images" in words
    debugging.finish_step(trainer, trainer.snapshot, "Ada")
    assert trainer.snapshot.step == before + 1


def test_back_and_forward_return_to_the_same_numbers(run: str, trainer: TrainerHandle, wait_for: WaitFor) -> None:
    head, metrics = trainer.snapshot.step, dict(trainer.snapshot.metrics)
    debugging.back(trainer, trainer.snapshot, "Ada", head - 6)
    settled(trainer, wait_for)
    assert (trainer.snapshot.step, trainer.snapshot.head) == (head - 6, head)
    debugging.run_to(trainer, trainer.snapshot, "Ada", head)
    settled(trainer, wait_for)
    again = trainer.snapshot.metrics
    assert trainer.snapshot.step == head and trainer.snapshot.run == run
    assert {name: again[name] for name in ("D_loss", "G_loss")} == {
        name: metrics[name] for name in ("D_loss", "G_loss")
    }


def test_single_updates_live_changes_breakpoints_probes_and_profiles_reach_both(
    run: str, trainer: TrainerHandle, wait_for: WaitFor
) -> None:
    counts = dict(trainer.snapshot.updates)
    debugging.update_only(trainer, trainer.snapshot, "Ada", "discriminator")
    assert trainer.snapshot.updates["d_updates"] == counts["d_updates"] + 1
    training.set_live(trainer, trainer.snapshot, "Ada", "training", "discriminator_updates", 2)
    debugging.set_probes(trainer, trainer.snapshot, "Ada", 2)
    stop = trainer.snapshot.step + 5
    debugging.add_breakpoint(trainer, trainer.snapshot, "Ada", f"step >= {stop}")
    training.continue_run(trainer, trainer.snapshot, "Ada")
    settled(trainer, wait_for)
    now = trainer.snapshot
    assert now.step == stop and now.stop_kind == "breakpoint"
    assert now.updates["d_updates"] == counts["d_updates"] + 1 + 2 * 5
    debugging.remove_breakpoint(trainer, now, "Ada", f"step >= {stop}")
    debugging.set_probes(trainer, now, "Ada", 0)
    trainer.ask(Profile(steps=2, run=run))
    settled(trainer, wait_for)
    assert trainer.snapshot.step == stop + 3 and trainer.snapshot.profiling is None
    training.save_checkpoint(trainer, trainer.snapshot, "Ada")
    assert trainer.snapshot.saved == stop + 3


def test_a_follower_that_dies_ends_the_engine_and_the_run_goes_on_from_its_checkpoint(
    run: str, trainer: TrainerHandle, browser: Browser, wait_for: WaitFor, shared_home: Path
) -> None:
    saved = trainer.snapshot.saved
    (follower,) = followers(trainer)
    launcher = follower.parent()
    training.continue_run(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.step > saved + 5)
    follower.kill()
    wait_for(lambda: trainer.snapshot.engine == "gone")
    assert "The engine has ended (process 1 was ended by signal 9 (SIGKILL))" in browser.open(TRAIN, run=run).errors
    wait_for(lambda: not launcher.is_running())
    with Store(shared_home) as store:
        mark_interrupted(store)
        assert store.run(run).state == "interrupted"
    training.resume(trainer, run, "Ada", paused=True)
    assert (trainer.snapshot.step, trainer.snapshot.processes, trainer.snapshot.state) == (saved, 2, "paused")


def test_a_fork_with_one_process_goes_on_in_an_engine_with_one_and_asks_first_if_another_run_is_trained(
    run: str, trainer: TrainerHandle, small: Callable[..., Workflow], browser: Browser, wait_for: WaitFor
) -> None:
    launcher = psutil.Process(trainer.snapshot.pid).parent()
    training.continue_run(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.step > trainer.snapshot.saved)
    with pytest.raises(CommandRefused, match="Ada is training"):
        training.start(trainer, small(), "Bo")
    training.pause(trainer, trainer.snapshot, "Ada")
    step = trainer.snapshot.step
    fork = debugging.fork(trainer, run, small("training.processes=1"), "Bo")
    now = trainer.snapshot
    assert (now.run, now.processes) == (fork, 1) and now.step >= step
    wait_for(lambda: not launcher.is_running())
    training.pause(trainer, trainer.snapshot, "Bo")
    assert "processes" not in browser.open(TRAIN, run=fork).words.partition("Trained with")[2]
