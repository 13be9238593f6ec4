"""From which step an interrupted run can go on, and what a resume restored."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.graph import document
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.run.resumed import interruption, last_restored
from pipeline.studio.workflows import open_template

RATE = "generator_optimizer.learning_rate"


def save(folder: Path, events: int) -> None:
    """A checkpoint without tensors."""
    folder.mkdir(parents=True)
    files = {"weights.safetensors": b"weights", "state.json": json.dumps({"extra": {"events": events}}).encode()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    (folder / "manifest.json").write_text(json.dumps({"sha256": hashes}))


@pytest.fixture
def interrupted(store: Store, new_run: Callable[..., RunRecord]) -> RunRecord:
    """A run that was interrupted at step 1,480, with checkpoints of steps 1,400 and 1,450, and a change after both."""
    run = new_run(workflow_text=document.write(open_template("mlp-gan"))).id
    store.update(run, state="interrupted", step=1480)
    for step in (1400, 1450):
        save(store.files(run).checkpoint_folder(step), events=0)
    data = {"parameter": RATE, "from": 0.0002, "to": 0.01}
    store.add_event(run, 1450, "parameter changed", "", "Ada", data)
    return store.run(run)


def test_it_says_where_the_run_can_go_on_and_what_is_made_again(store: Store, interrupted: RunRecord) -> None:
    found = interruption(store, interrupted)
    assert found is not None
    assert found.sentence == (
        "Interrupted at step 1,480. It can go on from its checkpoint of step 1,450; 30 steps will be trained again. "
        "Changes after it will be made again: Generator Adam · Learning rate to 0.01 at step 1,450 (Ada)."
    )


@pytest.mark.parametrize("file", ["weights.safetensors", "state.json", "manifest.json"])
def test_a_damaged_checkpoint_is_said_and_the_one_before_it_counts(
    store: Store, interrupted: RunRecord, file: str
) -> None:
    path = store.files(interrupted.id).checkpoint_folder(1450) / file
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    found = interruption(store, interrupted)
    assert found is not None and (found.step, found.damaged) == (1400, (1450,))
    assert "The checkpoint of step 1,450 is damaged. It can go on from its checkpoint of step 1,400" in found.sentence


def test_without_a_checkpoint_it_cannot_go_on_and_other_runs_are_not_interrupted(
    store: Store, interrupted: RunRecord
) -> None:
    for step in (1400, 1450):
        (store.files(interrupted.id).checkpoint_folder(step) / "weights.safetensors").unlink()
    found = interruption(store, interrupted)
    assert found is not None and "no checkpoint from which it could go on" in found.sentence
    store.update(interrupted.id, state="paused")
    assert interruption(store, store.run(interrupted.id)) is None


def test_the_list_of_the_last_resume_has_a_row_for_each_part_and_each_change(
    store: Store, interrupted: RunRecord
) -> None:
    assert last_restored(store, interrupted) is None
    data = {
        "step": 1450, "again": 30, "damaged": {"1460": "state.json cannot be read"},
        "items": [{"name": "Weights", "restored": True, "detail": "all"}],
        "changes": [{"step": 1470, "action": "only generator", "value": 1.0, "who": ""}],
    }  # fmt: skip
    store.add_event(interrupted.id, 1450, "resumed", "Resumed", "Ada", data)
    found = last_restored(store, interrupted)
    assert found is not None and found.step == 1450
    assert [tuple(item) for item in found.items] == [
        ("Step", True, "1,450; 30 steps after it trained again"),
        ("Weights", True, "all"),
        ("Change made again", True, "one update of the generator only at step 1,470"),
        ("Newer checkpoint", False, "that of step 1,460 is damaged: state.json cannot be read"),
    ]
