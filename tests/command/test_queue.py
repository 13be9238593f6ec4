"""`queue`: what is added, changed and refused, and work through it without a server."""

import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.__main__ import main
from pipeline.runs import pause_requests
from pipeline.runs.store import Store

Run = Callable[..., tuple[int, dict[str, Any], str]]
LONG = ("--set", "training.total_steps=1000000")


def listed(run: Run) -> dict[str, str]:
    """The state of each entry by name, as `queue` lists them."""
    code, facts, _ = run("queue")
    assert code == 0
    return {each["name"]: each["state"] for each in facts["queue"]}


def added(run: Run, *arguments: object) -> str:
    """Add a run and return its entry's id."""
    code, facts, _ = run("queue", "add", *arguments)
    assert code == 0, facts
    return str(facts["entries"][0]["id"])


def test_runs_are_added_moved_held_cancelled_and_cleared(run: Run, small: Path) -> None:
    a, b = added(run, small, "--name", "a"), added(run, small, "--name", "b", "--first")
    assert list(listed(run)) == ["b", "a"]
    assert run("queue", "move", a, "first")[1]["entries"][0]["number"] == 1
    assert run("queue", "hold", a)[1]["now"] == (
        "2 runs wait. The next one starts when a server is up, or with `python -m pipeline queue work`."
    )
    assert listed(run) == {"a": "held", "b": "waiting"}
    assert run("queue", "hold")[1]["held"]["who"]
    code, facts, _ = run("queue", "release")
    assert (code, facts["held"]) == (0, None)
    run("queue", "release", a)
    run("queue", "cancel", b)
    assert listed(run) == {"a": "waiting", "b": "cancelled"}
    assert run("queue", "retry", b)[1]["entries"][0]["number"] == 1
    run("queue", "cancel", b)
    run("queue", "clear")
    assert listed(run) == {"a": "waiting"}


def test_an_entry_that_is_named_twice_is_counted_once(run: Run, small: Path, capfd: pytest.CaptureFixture[str]) -> None:
    entry = added(run, small)
    for action, sentence in (("hold", "Held 1 run."), ("release", "Released 1 run."), ("cancel", "Cancelled 1 run.")):
        assert main(["queue", action, entry, entry]) == 0
        assert sentence in capfd.readouterr().out


def test_a_time_is_shown_as_it_was_written_and_a_past_one_is_refused(run: Run, small: Path) -> None:
    later = (datetime.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    entry = run("queue", "add", small, "--at", later.isoformat())[1]["entries"][0]
    assert datetime.fromisoformat(entry["not_before"]) == later.astimezone()
    code, facts, _ = run("queue", "add", small, "--at", "2001-01-01T12:00")
    assert (code, facts["kind"]) == (2, "UnusableTime")
    assert len(listed(run)) == 1


def test_a_sweep_is_previewed_without_being_added_and_cancelled_by_its_name(run: Run, small: Path) -> None:
    sweep = ("queue", "sweep", small, "--grid", "training.batch_size=4,8,0", "--grid", "training.seed=1,2")
    code, facts, _ = run(*sweep, "--preview")
    assert code == 0 and listed(run) == {}
    assert [each["name"] for each in facts["sweep"]["runs"]][:2] == ["small, batch 4, seed 1", "small, batch 4, seed 2"]
    assert len(facts["sweep"]["refused"]) == 2 and facts["sweep"]["bytes"] > 0
    _, facts, _ = run(*sweep)
    assert len(facts["entries"]) == 4 and {each["sweep"] for each in facts["entries"]} == {"small sweep"}
    run("queue", "cancel", "--sweep", "small sweep")
    assert set(listed(run).values()) == {"cancelled"}


def test_a_random_sweep_is_the_same_with_the_same_seed(run: Run, small: Path) -> None:
    sweep = ("queue", "sweep", small, "--random", "generator_optimizer.learning_rate=1e-4..1e-2:log", "--runs", 3)
    first, again, other = (run(*sweep, "--seed", seed, "--preview")[1]["sweep"]["runs"] for seed in (5, 5, 6))
    assert first == again != other and len(first) == 3


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        (["add", "SMALL", "--set", "training.batch_size=0"], "InvalidWorkflow", "Batch size is 0"),
        (["add", "missing.json"], "UnusableFile", "missing.json cannot be read"),
        (["add", "SMALL", "--at", "noon"], "UnusableTime", "Write HH:MM"),
        (["add", "SMALL", "--at", ""], "UnusableTime", "Write HH:MM"),
        (["add", "SMALL", "--name", "a\nb"], "UnreadableCommand", "visible characters"),
        (["sweep", "SMALL"], "UnreadableCommand", "--grid or --random"),
        (["sweep", "SMALL", "--grid", "training.batch_size=0"], "UnusableSweep", "Batch size is 0"),
        (["sweep", "SMALL", "--grid", "training.seed=1", "--runs", "3"], "UnreadableCommand", "--runs goes with"),
        (["sweep", "SMALL", "--random", "training.seed=1..9"], "UnreadableCommand", "--random needs --runs"),
        (["sweep", "SMALL", "--random", "training.seed=9..1", "--runs", "3"], "MalformedSweep", "smaller one first"),
        (["move", "0", "sideways"], "UnreadableCommand", "up, down, first, last or a place"),
        (["move", "nothing", "up"], "UnknownEntry", "no entry 'nothing'"),
        (["hold", "nothing"], "UnknownEntry", "no entry 'nothing'"),
        (["cancel"], "UnreadableCommand", "--sweep"),
        (["cancel", "--sweep", "nothing"], "UnknownSweep", "No run of a sweep 'nothing' waits"),
        (["retry", "nothing"], "UnknownEntry", "no entry 'nothing'"),
        (["dance"], "UnreadableCommand", "dance"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(
    arguments: list[str], kind: str, sentence: str, run: Run, small: Path
) -> None:
    code, facts, _ = run("queue", *(small if each == "SMALL" else each for each in arguments))
    assert (code, facts["kind"]) == (2, kind)
    assert sentence in facts["error"]
    assert listed(run) == {}


def test_work_trains_what_waits_and_a_run_that_fails_does_not_stop_it(
    run: Run, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A download that fails at once.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    added(run, small, "--name", "no data", "--set", "data.dataset=mnist", "--set", "data.image_size=8")
    added(run, small, "--name", "no device", "--set", "training.device=cuda:77")
    added(run, small, "--name", "trained")
    run("queue", "hold", added(run, small, "--name", "held"))
    code, facts, told = run("queue", "work")
    states = {each["name"]: each["state"] for each in facts["entries"]}
    assert states == {"no data": "failed", "no device": "refused", "trained": "finished"}
    assert code == 1 and "no device was not started" in told
    assert [each["name"] for each in run("runs")[1]["runs"]] == ["trained", "no data"]
    assert facts["now"] == "1 run waits, and it is held."


def test_ctrl_c_puts_the_run_in_progress_back_and_work_resumes_it(
    run: Run, small: Path, home: Path, wait_for: Callable[..., None]
) -> None:
    added(run, small, "--name", "long", *LONG)
    added(run, small, "--name", "next")
    during(home, wait_for, lambda store, _: os.kill(os.getpid(), signal.SIGINT))
    code, facts, _ = run("queue", "work")
    assert code == 130
    assert [(each["name"], each["state"], each["number"]) for each in facts["entries"]] == [("long", "waiting", 1)]
    before = facts["entries"][0]
    assert before["run"] and before["step"] > 0
    during(home, wait_for, lambda store, run_id: pause_requests.request_pause(store.files(run_id), "Ada"))
    code, facts, _ = run("queue", "work")
    assert (code, facts["entries"][0]["run"]) == (0, before["run"])
    assert facts["entries"][0]["step"] > before["step"]
    assert "Ada" in facts["paused"] and listed(run) == {"long": "paused", "next": "waiting"}


def during(home: Path, wait_for: Callable[..., None], act: Callable[[Store, str], None]) -> None:
    """Call `act` with the store and the run in progress, from another thread, once the run has trained a slice."""
    begun = newest_step(home)

    def watch() -> None:
        with Store(home) as store:
            wait_for(lambda: any(each.step > begun for each in store.recorded_as("running")))
            act(store, store.recorded_as("running")[0].id)

    threading.Thread(target=watch, daemon=True).start()


def newest_step(home: Path) -> int:
    with Store(home) as store:
        return max((each.step for each in store.recent()), default=0)
