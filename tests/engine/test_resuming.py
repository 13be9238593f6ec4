"""Resume: the run goes on as if it had never been interrupted, and says what it restored."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors.runs import NoCheckpoint
from pipeline.graph.workflow import Workflow
from pipeline.runs import environment
from pipeline.runs.environment import Environment
from pipeline.runs.store import Event
from pipeline.runtime.messages.commands import Back, NextStage, Resume, RunTo, SaveCheckpoint, SetLive, UpdateOnly
from tests.engine.conftest import RATE, Bench, recorded, same

Small = Callable[..., Workflow]
KEY = "generator_optimizer.learning_rate"
OTHER = {"node": "discriminator_optimizer", "parameter": "learning_rate"}


@pytest.fixture
def killed(bench: Bench) -> Callable[[str], None]:
    """`killed(run)`: the process of the run ends without saving, and the run is loaded again."""

    def resume(run: str) -> None:
        session = bench.worker.session
        session.debugger("The test").run.close()
        session._debugger = None
        bench.ask(Resume, run=run, paused=True)

    return resume


def changed(bench: Bench) -> None:
    """A user's changes at steps 15, 18 and 20, of a run at step 12."""
    bench.chunk(3)
    bench.ask(SetLive, **RATE, value=0.01)
    bench.chunk(3)
    bench.ask(UpdateOnly, role="discriminator")
    bench.ask(SetLive, **RATE, value=0.005)
    bench.chunk(2)
    bench.ask(SetLive, **OTHER, value=0.001)
    bench.chunk(4)


def saved_at_twelve(bench: Bench, small: Small, *settings: str) -> str:
    run = bench.start(small(*settings))
    bench.chunk(12)
    bench.ask(SaveCheckpoint)
    return run


def test_a_killed_run_repeats_each_change_at_its_step_and_equals_the_uninterrupted_one(
    killed: Callable[[str], None], bench: Bench, small: Small, home: Path
) -> None:
    whole = saved_at_twelve(bench, small)
    changed(bench)
    bench.chunk(6)
    expected, weights = recorded(home, whole), bench.weights()
    bench.worker.session.release_run("")
    run = saved_at_twelve(bench, small)
    changed(bench)
    killed(run)
    assert (bench.snapshot.step, bench.snapshot.live[KEY]) == (12, 0.0002)
    bench.chunk(7)
    assert bench.snapshot.live[KEY] == 0.005
    # Killed once more, before the last change was repeated.
    killed(run)
    bench.chunk(18)
    found = recorded(home, run)
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(expected, 30)
    clocks = ("images_per_second", "seconds")
    assert all(np.array_equal(expected[name], found[name], True) for name in expected if name not in clocks)
    assert same(weights, bench.weights())


def resumed(bench: Bench, run: str) -> Event:
    return next(event for event in reversed(bench.worker.session.store.events(run)) if event.kind == "resumed")


def items(event: Event) -> dict[str, tuple[bool, str]]:
    assert event.data is not None
    return {item["name"]: (item["restored"], item["detail"]) for item in event.data["items"]}


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_what_was_restored_is_listed_with_the_changes_that_are_repeated(
    killed: Callable[[str], None], bench: Bench, small: Small
) -> None:
    run = saved_at_twelve(bench, small, "training.ema_halflife_images=100")
    changed(bench)
    killed(run)
    event = resumed(bench, run)
    assert event.data is not None and (event.step, event.data["step"], event.data["again"]) == (12, 12, 12)
    found = items(event)
    assert all(restored for restored, _ in found.values())
    assert found["Weights"][1] == found["Optimizer states"][1] == "generator and discriminator"
    assert found["Averaged weights"] == (True, "generator")
    assert found["Position in the data"][1] == "96 images drawn"
    assert {"Random numbers", "Schedules", "Live values"} < found.keys()
    assert [(each["step"], each["action"], each["value"]) for each in event.data["changes"]] == [
        (15, KEY, 0.01),
        (18, "only discriminator", 1),
        (18, KEY, 0.005),
        (20, "discriminator_optimizer.learning_rate", 0.001),
    ]
    assert event.text.startswith("Resumed at step 12 on cpu with ")
    assert "12 steps after it will be trained again" in event.text
    assert f"Made again at their steps: {KEY} to 0.01 at step 15, one update of the discriminator only" in event.text


def test_what_could_not_be_restored_is_listed(killed: Callable[[str], None], bench: Bench, small: Small) -> None:
    run = saved_at_twelve(bench, small)
    files = bench.run.files
    before = environment.load(files)
    assert before is not None
    environment.save(files, Environment(**{**vars(before), "packages": {**before.packages, "torch": "2.0.0"}}))
    killed(run)
    restored, detail = items(resumed(bench, run))["Surroundings"]
    assert not restored and detail.startswith("torch was 2.0.0, is 2.")
    assert f"Not restored: surroundings ({detail})" in resumed(bench, run).text


def test_after_a_flipped_bit_the_checkpoint_before_is_used_and_that_is_said(
    killed: Callable[[str], None], bench: Bench, small: Small
) -> None:
    run = saved_at_twelve(bench, small)
    bench.chunk(4)
    bench.ask(SetLive, **RATE, value=0.01)
    bench.chunk(4)
    bench.ask(SaveCheckpoint)
    flip_a_bit(bench.run.files.checkpoint_folder(20) / "weights.safetensors")
    killed(run)
    assert bench.snapshot.step == 12
    event = resumed(bench, run)
    assert "The checkpoint of step 20 is damaged (weights.safetensors has changed since it was saved)" in event.text
    assert event.data is not None and event.data["damaged"].keys() == {"20"}
    # The change was in the damaged one, and is repeated nevertheless.
    bench.chunk(8)
    assert bench.snapshot.live[KEY] == 0.01


def test_if_every_checkpoint_is_damaged_each_is_named(
    killed: Callable[[str], None], bench: Bench, small: Small
) -> None:
    run = saved_at_twelve(bench, small)
    for _, folder in bench.run.files.checkpoints():
        flip_a_bit(folder / "optimizer.pt")
    with pytest.raises(NoCheckpoint, match=r"that of step 12 is damaged .* and that of step 0 is damaged"):
        killed(run)


def test_a_change_at_the_step_of_the_checkpoint_is_not_lost(
    killed: Callable[[str], None], bench: Bench, small: Small
) -> None:
    run = saved_at_twelve(bench, small)
    bench.ask(SetLive, **RATE, value=0.01)
    killed(run)
    assert bench.snapshot.live[KEY] == 0.01
    bench.ask(SaveCheckpoint)
    killed(run)
    assert (bench.snapshot.live[KEY], resumed(bench, run).data["changes"]) == (0.01, [])  # type: ignore[index]


def test_what_a_user_changes_after_the_resume_counts_from_its_step_on(
    killed: Callable[[str], None], bench: Bench, small: Small
) -> None:
    run = saved_at_twelve(bench, small)
    changed(bench)
    killed(run)
    bench.chunk(4)
    bench.ask(SetLive, **RATE, value=0.5)
    decision = bench.worker.session.store.events(run)[-1]
    assert decision.data == {"parameter": KEY, "from": 0.01, "to": 0.5, "instead_of": [18]}
    bench.chunk(3)
    # Killed again, the decision stands, and the other changes are still repeated.
    killed(run)
    expected: list[Any] = [(15, 0.01), (16, 0.5), (18, 1), (20, 0.001)]
    assert [(each["step"], each["value"]) for each in resumed(bench, run).data["changes"]] == expected  # type: ignore[index]
    bench.chunk(12)
    assert bench.snapshot.live[KEY] == 0.5
    assert bench.snapshot.live["discriminator_optimizer.learning_rate"] == 0.001


def test_going_back_and_walking_repeat_the_changes_too(
    killed: Callable[[str], None], bench: Bench, small: Small
) -> None:
    run = saved_at_twelve(bench, small)
    changed(bench)
    killed(run)
    bench.chunk(2)
    bench.ask(Back, step=12)
    bench.go_on()
    bench.ask(RunTo, step=14)
    bench.go_on()
    stages = bench.run.trainer.plan
    for _ in range(sum(count * len(update.operations) for update, count in stages)):
        bench.ask(NextStage)
    assert (bench.snapshot.step, bench.snapshot.live[KEY]) == (15, 0.01)
    bench.chunk(9)
    assert (bench.snapshot.step, bench.snapshot.live[KEY]) == (24, 0.005)
