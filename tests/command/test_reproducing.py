"""`train --reproduce`: a run is started again from its record, and the losses are compared while it trains."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.runs import metrics
from pipeline.runs.home import home as make_home
from pipeline.runs.store import Event, Store

Run = Callable[..., tuple[int, dict[str, Any], str]]
RATE = "generator_optimizer.learning_rate"


def started(run: str) -> Event:
    with Store(make_home()) as store:
        return next(event for event in store.events(run) if event.kind == "started")


def agreement(last: int) -> dict[str, Any]:
    return {"agrees": True, "last": last, "difference": None}


def test_a_run_with_live_changes_is_reproduced_bit_for_bit(run: Run, small: Path, home: Path) -> None:
    original = run("train", small, "--steps", 4, "--seed", 3)[1]["run"]
    run("train", "--resume", original, "--steps", 3, "--set", f"{RATE}=0.01")
    run("train", "--resume", original, "--steps", 2, "--set", f"{RATE}=0.002")
    code, facts, err = run("train", "--reproduce", original)
    assert (code, facts["step"], facts["state"]) == (0, 9, "paused"), err
    assert (facts["reproduces"], facts["differences"], facts["agreement"]) == (original, [], agreement(9))
    event = started(facts["run"])
    assert f"to reproduce run {original}. 2 changes of its users" in event.text
    # Only so many steps, and one of those is without a recorded counterpart.
    code, facts, _ = run("train", "--reproduce", original, "--steps", 3)
    assert (code, facts["step"], facts["agreement"]) == (0, 3, agreement(3))
    code, facts, _ = run("train", "--reproduce", original, "--steps", 10)
    assert (code, facts["step"], facts["agreement"]) == (0, 10, agreement(9))


def test_a_fork_is_reproduced_from_the_state_with_which_it_began(run: Run, small: Path, home: Path) -> None:
    parent = run("train", small, "--steps", 4)[1]["run"]
    fork = run("train", "--fork", "latest", "--steps", 3, "--set", f"{RATE}=0.01")[1]["run"]
    code, facts, _ = run("train", "--reproduce", fork)
    assert (code, facts["step"], facts["agreement"]) == (0, 7, agreement(7))
    # It has its own copy of that state.
    assert run("runs", "delete", parent, "--yes")[0] == 0
    code, facts, _ = run("train", "--reproduce", fork)
    assert (code, facts["step"], facts["agreement"]) == (0, 7, agreement(7))


def test_the_first_difference_is_said_as_soon_as_it_is_found(run: Run, small: Path, home: Path) -> None:
    original = run("train", small, "--steps", 6)[1]["run"]
    with Store(make_home()) as store:
        names = metrics.names(store, original)
        (_, values), *_ = metrics.rows(store, original)
        measured = np.isnan(values).any(axis=0)
        column = names.index("G_loss")
        values[3, column] = np.nextafter(values[3, column], np.float32(np.inf))
        every_step = [name for name, gaps in zip(names, measured, strict=True) if not gaps]
        metrics.append(store, original, 4, every_step, values[3:, ~measured])
    code, facts, err = run("train", "--reproduce", original)
    assert (code, facts["step"]) == (0, 6)
    found = facts["agreement"]
    assert not found["agrees"] and (found["last"], found["difference"]["step"]) == (4, 4)
    assert found["difference"]["series"] == "G_loss"
    assert err.count("They first differ at step 4: G_loss was") == 1


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        (("--seed", 1), "UnreadableCommand", "--seed would change the run"),
        (("--set", "training.total_steps=9"), "UnreadableCommand", "--set would change the run"),
        (("--until", "step > 3"), "UnreadableCommand", "--until would change the run"),
    ],
)
def test_options_that_would_make_it_another_run_are_refused(
    options: tuple[object, ...], kind: str, words: str, run_at_home: Run
) -> None:
    code, facts, _ = run_at_home("train", "--reproduce", "latest", *options)
    assert (code, facts["kind"]) == (2, kind)
    assert words in facts["error"]


def test_other_versions_than_recorded_are_said_beforehand(run: Run, small: Path, home: Path) -> None:
    original = run("train", small, "--steps", 2)[1]["run"]
    (path,) = home.glob(f"runs/{original}/environment.json")
    now = path.read_text(encoding="utf-8")
    torch = __import__("torch").__version__.partition("+")[0]
    path.write_text(now.replace(torch, "2.0.0"), encoding="utf-8")
    _, facts, err = run("train", "--reproduce", original)
    assert "torch was 2.0.0" in facts["differences"][0]
    assert err.index("Not as it was when run") < err.index("Training ")
