"""What users changed after a checkpoint, from the events of a run."""

from typing import Any

from pipeline.runs.later_changes import ONLY, LaterChange, changes_after
from pipeline.runs.store import Event, EventKind

A, B = "generator_optimizer.learning_rate", "penalty.weight"


def event(step: int, kind: EventKind, data: dict[str, Any] | None = None, text: str = "") -> Event:
    return Event(step, 0.0, kind, text, "Ada", data)


def change(step: int, key: str, value: float) -> Event:
    return event(step, "parameter changed", {"parameter": key, "from": 0.5, "to": value})


def resumed(step: int) -> Event:
    return event(step, "resumed", {"step": step})


def actions(events: list[Event], step: int, recorded: int | None = None) -> list[tuple[int, str, float]]:
    return [(each.step, each.action, each.value) for each in changes_after(events, step, recorded)]


def test_changes_after_the_checkpoint_are_found_in_their_order() -> None:
    events = [change(3, A, 1), event(9, "paused"), change(12, B, 2), change(12, B, 3), change(15, A, 4)]
    assert actions(events, 9) == [(12, B, 2), (12, B, 3), (15, A, 4)]
    assert changes_after(events, 12, None) == [LaterChange(15, A, 4, "Ada")]


def test_of_changes_at_its_own_step_the_checkpoint_lacks_those_that_came_after_it() -> None:
    events = [change(9, A, 1), change(9, A, 2), event(9, "paused"), change(9, B, 3)]
    assert actions(events, 9, recorded=1) == [(9, A, 2), (9, B, 3)]
    assert actions(events, 9, recorded=4) == []
    # It was saved by a version that did not count.
    assert actions(events, 9) == []


def test_an_update_by_itself_is_a_change_and_older_events_name_it_in_their_text() -> None:
    data = {"D_loss": 0.5, "update": "discriminator"}
    events = [event(5, "updated", data), event(6, "updated", {"loss": 1.0}, "One update of the denoiser only")]
    assert actions(events, 4) == [(5, f"{ONLY}discriminator", 1), (6, f"{ONLY}denoiser", 1)]
    assert [each.update for each in changes_after(events, 4, None)] == ["discriminator", "denoiser"]


def test_changes_are_kept_through_any_number_of_resumes() -> None:
    events = [change(15, A, 1), resumed(9), change(12, B, 2), resumed(9)]
    assert actions(events, 9) == [(12, B, 2), (15, A, 1)]


def test_a_change_after_a_resume_replaces_those_of_the_same_parameter_at_later_steps() -> None:
    events = [change(12, A, 1), change(15, A, 2), change(16, B, 3), resumed(9), change(13, A, 4)]
    assert actions(events, 9) == [(12, A, 1), (13, A, 4), (16, B, 3)]
    # Also if the checkpoint already has the one that replaces them.
    assert actions(events, 14) == [(16, B, 3)]


def test_what_an_older_version_resumed_without_is_lost() -> None:
    events = [change(8, A, 1), change(15, A, 2), event(9, "resumed")]
    assert actions(events, 9) == []
    assert actions(events, 0, recorded=0) == [(8, A, 1)]


def test_a_run_that_reproduces_another_has_the_changes_that_it_began_with() -> None:
    begun = [LaterChange(5, A, 1, "Ada").as_dict(), LaterChange(8, A, 2, "Ada").as_dict()]
    events = [event(0, "started", {"changes": begun}), change(7, A, 3)]
    assert actions(events, 4) == [(5, A, 1), (7, A, 3)]
