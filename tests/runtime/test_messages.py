"""Messages come out of a link as they went in."""

import math

from pipeline.errors.runs import UnknownRun
from pipeline.runs.watching import Breakpoint, Watching
from pipeline.runtime.messages import Answer, Command, Device, ReadingSeen, RewindSeen, Snapshot, StageSeen


def test_a_snapshot_survives_the_way_with_its_pictures_and_devices() -> None:
    snapshot = Snapshot(
        version=3, engine="ready", devices=(Device("cpu", "CPU, 2 cores"),), state="running", run="r", step=7,
        metrics={"D_loss": 0.5}, live={"optimizer.learning_rate": 0.001}, samples=b"samples", reals=b"reals",
        readings=(ReadingSeen("key", "Reading images", 12_000, 60_000),),
    )  # fmt: skip
    assert Snapshot.from_message(snapshot.message()) == snapshot


def test_a_stage_with_its_images_breakpoints_and_snapshots_survive_the_way_too() -> None:
    stage = StageSeen(
        "discriminator", "gradients", "discriminator", 8, 15, "discriminator", "update", "discriminator_optimizer",
        values={"D_grad_norm": 0.5}, scores=(0.25, 0.75), latents=((1.0, 2.0), (3.0, 4.0)),
        parameters=({"name": "linear_1.weight", "gradient": 0.5},),
    )  # fmt: skip
    snapshot = Snapshot(
        stage=stage, stage_images=(b"one", b"two"), rewind=RewindSeen((1, 2), (1,), 10, 20, 0), head=9,
        watching=Watching((Breakpoint("D_loss > 2", enabled=False),), ("D_real - D_fake",)),
    )  # fmt: skip
    assert Snapshot.from_message(snapshot.message()) == snapshot


def test_making_a_message_leaves_the_snapshot_as_it_is() -> None:
    snapshot = Snapshot(samples=b"samples")
    assert snapshot.message() == snapshot.message()


def test_a_command_and_its_answer_survive_the_way() -> None:
    command = Command("chunk", run="r", version=2, who="Ada", arguments={"steps": 5}, number=9)
    assert Command.from_message(command.message()) == command
    answer = Answer(9, values={"step": 5}, blobs=(b"one", b""))
    assert Answer.from_message(answer.message()) == answer


def test_a_refusal_travels_with_its_name_its_sentence_and_its_exit_code() -> None:
    answer = Answer.from_message(Answer.refusing(4, UnknownRun("x")).message())
    assert (answer.done, answer.error, answer.exit_code) == (False, "UnknownRun", 2)
    assert answer.sentence == str(UnknownRun("x"))


def test_a_page_looks_again_only_while_something_moves() -> None:
    assert Snapshot(engine="starting").busy
    assert Snapshot(engine="ready", state="running").busy
    assert not Snapshot(engine="ready", state="paused").busy
    assert not Snapshot(engine="gone", state="running").busy


def test_the_mark_changes_with_state_and_engine_but_not_with_steps() -> None:
    before = Snapshot(version=1, step=1, pid=10, engine="ready")
    assert before.mark == Snapshot(version=1, step=2, pid=10, engine="ready", images_per_second=math.inf).mark
    for after in (Snapshot(version=2, pid=10, engine="ready"), Snapshot(version=1, pid=11, engine="ready")):
        assert before.mark != after.mark
