"""Starting a run whose images take long to read: every browser sees the progress and can cancel it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors.data import ReadingStopped
from pipeline.errors.training import CommandRefused
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.runs import queue, queue_changes
from pipeline.runs.store import Store
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.commands import Resume, SaveCheckpoint
from pipeline.studio.queue.adding import add_workflow
from pipeline.studio.run import training
from tests.engine.conftest import Bench

Small = Callable[..., Workflow]
WaitFor = Callable[..., None]


@pytest.fixture
def on_pictures(small: Small, tmp_path: Path) -> Workflow:
    """A workflow on 5,000 large images, which take more than a minute to read."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("L", (2000, 2000)).save(folder / "0.png")
    for number in range(1, 5_000):
        (folder / f"{number}.png").hardlink_to(folder / "0.png")
    workflow = small("generator.image_size=8")
    data = NodeData("ImageFiles", {"source": str(folder), "image_size": 8})
    return replace(workflow, nodes={**workflow.nodes, "data": data})


def test_a_run_being_prepared_shows_its_progress_and_can_be_cancelled(
    trainer: TrainerHandle, shared_home: Path, on_pictures: Workflow, wait_for: WaitFor
) -> None:
    refused: list[CommandRefused] = []

    def begin() -> None:
        try:
            training.start(trainer, on_pictures, "Ada", switch=True)
        except CommandRefused as error:
            refused.append(error)

    thread = threading.Thread(target=begin)
    thread.start()
    wait_for(lambda: trainer.snapshot.doing.startswith("Reading images "))
    snapshot = trainer.snapshot
    assert (snapshot.state, snapshot.who) == ("building", "Ada")
    assert snapshot.doing.endswith(" of 5,000")
    training.stop_preparing(trainer)
    thread.join(60)
    assert refused and refused[0].kind == "ReadingStopped"
    assert "Stopped while reading images (" in str(refused[0])
    assert trainer.snapshot.state == "idle"
    with Store(shared_home) as store:
        assert store.recent(1)[0].state == "failed"
    assert not list((shared_home / "data").glob("files-*"))


def test_a_run_of_the_queue_that_is_being_prepared_makes_way_for_a_users_start_and_can_be_cancelled(
    trainer: TrainerHandle, shared_home: Path, small: Small, on_pictures: Workflow, wait_for: WaitFor
) -> None:
    def reading() -> bool:
        return trainer.snapshot.doing.startswith("Reading images ")

    with Store(shared_home) as store:
        entry = add_workflow(store, on_pictures, "Ada")
        wait_for(reading)
        run = training.start(trainer, small("training.total_steps=2"), "Bob")
        assert (queue.entry(store, entry).state, store.run(run).who) == ("waiting", "Bob")
        # It goes on after Bob's run.
        wait_for(reading)
        assert store.run(run).state == "finished"
        training.stop_preparing(trainer)
        wait_for(lambda: queue.entry(store, entry).held)
        # The entry is recorded before the engine shows it.
        wait_for(lambda: trainer.snapshot.state == "idle")
        assert store.recent(1)[0].id == run
        queue_changes.cancel(store, [entry])


def test_a_cancel_when_nothing_is_prepared_does_not_affect_a_later_run(trainer: TrainerHandle, small: Small) -> None:
    training.stop_preparing(trainer)
    training.start(trainer, small(), "Ada", switch=True)
    assert trainer.snapshot.state == "running"
    training.pause(trainer, trainer.snapshot, "Ada")


def test_cancelling_a_resume_leaves_the_stored_run_as_it_was(
    bench: Bench, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ask(SaveCheckpoint)
    bench.worker.session.release_run("")

    def stopped(*_: object, **__: object) -> None:
        raise ReadingStopped("Reading images", 3, 8)

    with monkeypatch.context() as patch, pytest.raises(ReadingStopped):
        patch.setattr("pipeline.data.sources.load", stopped)
        bench.ask(Resume, run=run)
    assert bench.worker.session.store.run(run).state == "paused"
    bench.ask(Resume, run=run)
    assert bench.snapshot.step == 20


def test_a_relative_path_is_resolved_in_the_folder_of_the_server(
    home: Path, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(10):
        Image.new("L", (8, 8), number).save(tmp_path / "photos" / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    workflow = small("generator.image_size=8")
    data = NodeData("ImageFiles", {"source": "photos", "image_size": 8})
    handle = TrainerHandle(home)
    wait_for(lambda: handle.snapshot.engine == "ready")
    training.start(handle, replace(workflow, nodes={**workflow.nodes, "data": data}), "Ada")
    assert handle.snapshot.state == "running"
    training.pause(handle, handle.snapshot, "Ada")
    handle.close()
