"""The training engine's commands, sent through the handle that pages use."""

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.errors.training import CommandRefused
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs import metrics
from pipeline.runs.store import Store
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.answers import Done
from pipeline.runtime.messages.commands import Chunk, Command, Pause, Resume, Run, SaveCheckpoint, SetLive, Start
from pipeline.runtime.messages.drawing_commands import Draw
from pipeline.studio.run import training

Small = Callable[..., Workflow]
WaitFor = Callable[..., None]


def paused(trainer: TrainerHandle) -> bool:
    return trainer.snapshot.state == "paused"


@pytest.mark.parametrize(
    "command", [Run(), Pause(), Chunk(steps=1), SaveCheckpoint(), SetLive(node="a", parameter="b", value=1.0)]
)
def test_a_command_without_a_loaded_run_is_refused_with_what_to_do(
    command: Command[Done], trainer: TrainerHandle
) -> None:
    with pytest.raises(CommandRefused, match="Start one"):
        trainer.ask(command)


@pytest.fixture
def run(trainer: TrainerHandle, small: Small, wait_for: WaitFor) -> str:
    """A run that is paused after some steps."""
    run = training.start(trainer, small(), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 0)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: paused(trainer))
    return run


def test_a_paused_run_does_not_train_and_a_single_step_is_exactly_one(
    run: str, trainer: TrainerHandle, wait_for: WaitFor
) -> None:
    step = trainer.snapshot.step
    time.sleep(0.6)
    assert trainer.snapshot.step == step
    training.step(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: paused(trainer) and trainer.snapshot.step != step)
    assert trainer.snapshot.step == step + 1


def test_a_chunk_trains_exactly_its_number_of_steps(run: str, trainer: TrainerHandle, wait_for: WaitFor) -> None:
    step = trainer.snapshot.step
    training.chunk(trainer, trainer.snapshot, "Ada", 37)
    wait_for(lambda: paused(trainer) and trainer.snapshot.step != step)
    assert trainer.snapshot.step == step + 37


def test_the_state_metrics_events_checkpoints_and_grids_of_a_run_are_stored(
    run: str, trainer: TrainerHandle, shared_home: Path, wait_for: WaitFor
) -> None:
    training.chunk(trainer, trainer.snapshot, "Ada", 60)
    wait_for(lambda: paused(trainer))
    training.set_live(trainer, trainer.snapshot, "Bob", "generator_optimizer", "learning_rate", 0.001)
    with Store(shared_home) as store:
        record = store.run(run)
        assert (record.step, record.state, record.who) == (trainer.snapshot.step, "paused", "Ada")
        assert metrics.history(store, run).points == record.step
        kinds = {event.kind: event for event in store.events(run)}
        assert kinds.keys() >= {"started", "paused", "parameter changed"}
        assert kinds["parameter changed"].who == "Bob"
        assert store.files(run).checkpoints()[0][0] == 0
        grids = store.files(run).grids()
    assert grids[-1][0] == record.step // 50 * 50
    assert document.read_png(grids[-1][1].read_bytes()).nodes == document.read(record.workflow_text, "").nodes
    assert Image.open(BytesIO(trainer.snapshot.reals)).size == Image.open(BytesIO(trainer.snapshot.samples)).size


def test_a_live_change_shows_at_once_and_invalid_or_outdated_changes_are_refused(
    run: str, trainer: TrainerHandle
) -> None:
    snapshot = trainer.snapshot
    training.set_live(trainer, snapshot, "Ada", "generator_optimizer", "learning_rate", 0.005)
    assert trainer.snapshot.live["generator_optimizer.learning_rate"] == 0.005
    with pytest.raises(CommandRefused, match=r"meanwhile it was set to 0\.005"):
        training.set_live(trainer, snapshot, "Bob", "generator_optimizer", "learning_rate", 0.1)
    # The value that is in force: there is nothing to refuse, and nothing to record again.
    training.set_live(trainer, snapshot, "Bob", "generator_optimizer", "learning_rate", 0.005)
    with pytest.raises(CommandRefused, match="Not changed"):
        training.set_live(trainer, trainer.snapshot, "Ada", "generator_optimizer", "learning_rate", -1.0)
    with pytest.raises(CommandRefused, match="cannot change during a run"):
        training.set_live(trainer, trainer.snapshot, "Ada", "training", "batch_size", 4)
    assert trainer.snapshot.live["generator_optimizer.learning_rate"] == 0.005


def test_a_second_run_is_refused_with_the_user_of_the_first_unless_it_switches(
    trainer: TrainerHandle, small: Small, shared_home: Path, wait_for: WaitFor
) -> None:
    first = training.start(trainer, small(), "Ada", switch=True)
    with pytest.raises(CommandRefused, match="Ada is training 'mlp-gan'") as refused:
        training.start(trainer, small(), "Bob")
    assert refused.value.kind == "EngineBusy"
    second = training.start(trainer, small(), "Bob", switch=True)
    assert trainer.snapshot.run == second
    with Store(shared_home) as store:
        assert store.run(first).state == "paused"
    with pytest.raises(CommandRefused, match="meanwhile Bob started"):
        training.pause(trainer, trainer.snapshot.__class__(run=first), "Ada")


def test_a_finished_run_continues_only_for_a_given_number_of_steps(
    trainer: TrainerHandle, small: Small, wait_for: WaitFor
) -> None:
    training.start(trainer, small("training.total_steps=5"), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.state == "finished")
    assert trainer.snapshot.step == trainer.snapshot.saved == 5
    with pytest.raises(CommandRefused, match="Say how many more"):
        training.continue_run(trainer, trainer.snapshot, "Ada")
    training.continue_run(trainer, trainer.snapshot, "Ada", steps=3)
    wait_for(lambda: trainer.snapshot.state == "finished" and trainer.snapshot.step == 8)


def test_starting_an_invalid_workflow_does_not_disturb_the_current_run(
    trainer: TrainerHandle, small: Small, shared_home: Path
) -> None:
    run = training.start(trainer, small(), "Ada", switch=True)
    with pytest.raises(CommandRefused, match="32×32") as refused:
        training.start(trainer, small("generator.image_size=32"), "Bob", switch=True)
    assert refused.value.exit_code == 2
    assert (trainer.snapshot.run, trainer.snapshot.state) == (run, "running")
    with Store(shared_home) as store:
        assert store.recent(1)[0].id == run


def test_a_node_that_cannot_be_built_fails_its_run_with_its_name_and_the_next_run_starts(
    trainer: TrainerHandle, small: Small, shared_home: Path, wait_for: WaitFor
) -> None:
    # A file in place of the data set's folder makes the download fail, with or without a network.
    (shared_home / "data").rename(shared_home / "data before")
    (shared_home / "data").write_text("in the way")
    with pytest.raises(CommandRefused, match=r"\(data\) failed to be built"):
        training.start(trainer, small("data.dataset=mnist"), "Ada", switch=True)
    (shared_home / "data").unlink()
    failed = trainer.snapshot
    assert (failed.state, failed.active) == ("failed", "data")
    with Store(shared_home) as store:
        record = store.run(failed.run)
        assert (record.state, record.error_node, record.error) == ("failed", failed.active, failed.error)
    assert training.start(trainer, small(), "Ada") == trainer.snapshot.run != failed.run
    wait_for(lambda: trainer.snapshot.step > 0)


@pytest.mark.parametrize("run", ["latest", "../../etc/passwd", "20200101-000000-00000000"])
def test_an_unknown_run_cannot_be_resumed(run: str, trainer: TrainerHandle) -> None:
    before = trainer.snapshot.state
    with pytest.raises(CommandRefused, match="There is no run"):
        training.resume(trainer, run, "Ada", switch=True)
    assert trainer.snapshot.state == before


@pytest.mark.parametrize("command", [Start(workflow=""), Start(workflow="{"), Resume(), Draw(count=1, seed=0)])
def test_an_invalid_command_is_refused_and_the_engine_keeps_running(
    command: Command[Any], trainer: TrainerHandle
) -> None:
    with pytest.raises(CommandRefused):
        trainer.ask(command)
    assert trainer.snapshot.engine == "ready"
