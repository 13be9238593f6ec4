"""`train --resume`: live parameters change, and a plan that has ended is not trained on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.graph import document, edit
from pipeline.graph.workflow import NodeData
from pipeline.nodes.catalogue import NODES
from pipeline.runs.home import home as make_home
from pipeline.runs.store import Store

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def ending(small: Path, tmp_path: Path) -> Path:
    """A workflow whose schedules end at 0 after its four steps."""
    workflow = document.read(small.read_bytes(), "small")
    for role in ("generator", "discriminator"):
        workflow, _ = edit.insert_node(workflow, "LearningRateSchedule", f"{role}_optimizer", NODES)
    path = tmp_path / "ending.json"
    workflow = edit.apply_settings(workflow, ["training.total_steps=4"], NODES)
    path.write_text(document.write(replace(workflow, name="ending")), encoding="utf-8")
    return path


def events(kind: str) -> list[Any]:
    with Store(make_home()) as store:
        return [event for event in store.events(store.resolve("latest").id) if event.kind == kind]


def test_training_beyond_the_end_of_the_schedules_is_said_and_a_resume_there_refused(
    run: Run, ending: Path, home: Path
) -> None:
    code, facts, err = run("train", ending, "--steps", 6)
    assert (code, facts["step"]) == (0, 6)
    assert "From step 4 on the learning rates of the generator and the discriminator are 0" in err
    code, facts, _ = run("train", "--resume", "latest", "--steps", 2)
    assert (code, facts["kind"]) == (2, "PlanEnded")
    keys = ("learning_rate_schedule.end_factor", "learning_rate_schedule_2.end_factor")
    assert all(f"--set {key}=0.1" in facts["error"] for key in keys)
    assert events("resumed") == []
    raised = [option for key in keys for option in ("--set", f"{key}=0.1")]
    code, facts, err = run("train", "--resume", "latest", "--steps", 2, *raised)
    assert (code, facts["step"]) == (0, 8)
    assert "From step" not in err.partition("\n")[2].partition("\n")[0]
    assert facts["metrics"]["G_learning_rate"] > 0
    assert run("train", "--resume", "latest", "--steps", 1)[0] == 0


def test_a_live_parameter_is_changed_on_resume_as_an_event(run: Run, small: Path, home: Path) -> None:
    run("train", small, "--steps", 2)
    setting = ("--set", "generator_optimizer.learning_rate=1e-4")
    assert run("train", "--resume", "latest", "--steps", 1, *setting)[0] == 0
    (changed,) = events("parameter changed")
    assert (changed.step, changed.data["from"], changed.data["to"]) == (2, 0.0002, 0.0001)
    assert changed.who and "0.0002 to 0.0001" in changed.text
    # Set to what it is already: no event.
    assert run("train", "--resume", "latest", "--steps", 1, *setting)[0] == 0
    assert len(events("parameter changed")) == 1


@pytest.mark.parametrize(
    ("setting", "kind", "words"),
    [
        ("training.batch_size=4", "NotLive", "a fork"),
        ("training.total_steps=400", "NotLive", "generator_optimizer.learning_rate"),
        ("generator_optimizer.learning_rate=7", "InvalidValue", "maximum of 1"),
        ("generator_optimizer.learning_rate=fast", "InvalidValue", "finite number"),
        ("generator_optimizer.rate=1", "UnknownParameter", "learning_rate"),
        ("nowhere.rate=1", "UnknownNode", "generator"),
        ("rate", "UnreadableSetting", "NODE.PARAMETER=VALUE"),
    ],
)
def test_what_cannot_change_is_refused_and_nothing_changes(
    setting: str, kind: str, words: str, run_at_home: Run
) -> None:
    code, facts, _ = run_at_home("train", "--resume", "latest", "--steps", 1, "--set", setting)
    assert (code, facts["kind"]) == (2, kind)
    assert words in facts["error"]
    assert events("resumed") == []


def test_the_advice_after_a_nan_can_be_followed(run: Run, small: Path, tmp_path: Path, home: Path) -> None:
    workflow = document.read(small.read_bytes(), "small")
    networks = {role: [role, 0] for role in ("generator", "discriminator")}
    workflow = edit.replace_node(workflow, "objective", NodeData("WassersteinObjective", networks))
    for role, link in networks.items():
        fast = NodeData("SGD", {"network": link, "learning_rate": 1.0, "momentum": 0.99})
        workflow = edit.replace_node(workflow, f"{role}_optimizer", fast)
    path = tmp_path / "diverging.json"
    path.write_text(document.write(workflow), encoding="utf-8")
    code, facts, _ = run("train", path, "--steps", 300)
    assert (code, facts["kind"]) == (1, "TrainingStopped")
    advice = facts["error"].partition("To do so: python -m pipeline ")[2].split()
    assert advice[:2] == ["train", "--fork"] and "generator_optimizer.learning_rate=0.1" in advice
    code, facts, _ = run(*advice, "--steps", 5)
    assert (code, facts["step"]) == (0, 5)


def test_a_fork_changes_any_parameter_and_keeps_the_networks(run: Run, ending: Path, home: Path) -> None:
    parent = run("train", ending, "--steps", 4)[1]["run"]
    options = ("--set", "training.total_steps=8", "--name", "longer", "--seed", 3)
    code, facts, err = run("train", "--fork", parent, *options)
    assert (code, facts["step"], facts["total_steps"], facts["name"]) == (0, 8, 8, "longer")
    assert "are 0" not in err and "Carried over: " in err and events("forked")[0].step == 4
    assert run("train", "--fork", parent, "--step", 3)[1]["kind"] == "UnknownCheckpoint"
    assert run("train", "--resume", parent, "--step", 0)[1]["kind"] == "UnreadableCommand"


def test_a_run_on_the_command_line_keeps_no_snapshots(
    run: Run, small: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.training.state import TrainState

    def capture(state: TrainState) -> Any:
        raise AssertionError("a snapshot was taken")

    monkeypatch.setattr(TrainState, "capture", capture)
    monkeypatch.setattr("pipeline.training.trainer.Trainer.capture", capture)
    from pipeline.training import checkpoint

    monkeypatch.setattr(checkpoint, "save", lambda *_: None)
    code, facts, err = run("train", small, "--steps", 3, "--until", "step >= 2")
    assert (code, facts["step"]) == (0, 2), err
