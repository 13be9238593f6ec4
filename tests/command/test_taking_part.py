"""A command in one of several processes: one leads, the others follow it silently, and a restart resumes its run."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from torch._C._distributed_c10d import HashStore

from pipeline.command.answer import CommandResult
from pipeline.command.restarted import Begun, begun, remember
from pipeline.command.taking_part import ENDED, _lead, silent_follower
from pipeline.errors.base import Fault, Refusal
from pipeline.errors.processes import NothingToResume
from pipeline.processes.group import Group, set_current
from pipeline.processes.introduction import Introduction
from pipeline.processes.launch import Launch
from pipeline.ranks.ranks import ALONE
from pipeline.runs.store import Store

Run = Callable[..., tuple[int, dict[str, Any], str]]
TORCHRUN = {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}


def group_of(memory: HashStore, *, restarts: int = 0, kept: bool = True) -> Group:
    """A group of one process, as torchrun starts it for the `restarts`-th time again."""
    person = Introduction(0, "ada", 1, "", "", "", "", "")
    return Group(Launch(0, 1, restarts=restarts, kept=kept), ALONE, None, HashStore(), memory, [person])


@pytest.fixture
def torchrun(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name, value in TORCHRUN.items():
        monkeypatch.setenv(name, value)
    yield monkeypatch
    set_current(None)


def test_a_run_that_an_earlier_attempt_began_is_known_to_the_next(torchrun):
    memory = HashStore()
    set_current(group_of(memory))
    assert begun() is None
    remember("20260101-a", 300)
    set_current(group_of(memory))
    assert begun() == Begun("20260101-a", 300)


def test_a_restart_without_a_store_that_outlives_the_processes_is_refused(torchrun):
    set_current(group_of(HashStore(), restarts=1, kept=False))
    with pytest.raises(NothingToResume, match="TORCH_DISABLE_SHARE_RDZV_TCP_STORE"):
        begun()


def test_a_process_that_was_started_alone_remembers_nothing():
    remember("20260101-a", 300)
    assert begun() is None


@pytest.mark.parametrize(
    ("outcome", "code", "final"),
    [
        (CommandResult({}, "", 0), 0, True),
        (Refusal("The input is wrong."), 2, True),
        # torchrun is asked to try these again.
        (Fault("The device is gone."), 1, False),
        (CommandResult({}, "", 143), 143, False),
    ],
)
def test_what_ends_in_the_same_way_again_is_not_tried_again(monkeypatch, outcome, code, final):
    ended, group = [], group_of(HashStore(), restarts=1)
    monkeypatch.setattr(group, "end", ended.append)

    def lead() -> CommandResult:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    if isinstance(outcome, Exception):
        with pytest.raises(type(outcome)):
            _lead(group, lead)
    else:
        assert _lead(group, lead) is outcome
    assert ended == [code]
    assert group.remembered(ENDED) == ({"code": code} if final else None)


def test_an_engine_that_has_ended_may_be_started_again_by_torchrun(monkeypatch):
    group = group_of(HashStore())
    monkeypatch.setattr(group, "end", lambda code: None)
    for answer in (CommandResult({}, "", 0), CommandResult({}, "", 1)):
        _lead(group, partial(replace, answer), once=False)
        assert group.remembered(ENDED) is None


def test_commands_that_have_nothing_to_share_are_refused_under_torchrun(run: Run, torchrun) -> None:
    code, facts, _ = run("nodes")
    assert (code, facts["kind"]) == (2, "OneProcessOnly")
    assert facts["error"] == (
        "`nodes` works in one process, and 2 were started. Several can `train`, or be an `engine`; start this one "
        "without torchrun."
    )


def test_a_process_that_follows_prints_nothing(torchrun, capsys) -> None:
    torchrun.setenv("RANK", "1")
    with silent_follower():
        print("twice")
        print("twice", file=sys.stderr)
    assert capsys.readouterr() == ("", "")


def test_a_run_of_two_processes_goes_on_in_one_and_says_so(run: Run, small: Path, home: Path) -> None:
    begun_run = run("train", small, "--steps", 2)[1]["run"]
    with Store(home) as store:
        store.update(begun_run, processes=2)
    _, _, said = run("train", "--resume", begun_run, "--steps", 1)
    sentence = "Not restored: number of processes (trained by 2 processes so far, by 1 from here)"
    assert sentence in said
    with Store(home) as store:
        assert store.run(begun_run).processes == 1
        assert any(event.kind == "resumed" and sentence in event.text for event in store.events(begun_run))


def test_a_batch_that_the_started_processes_cannot_share_is_refused_before_a_run_is_kept(
    run: Run, small: Path, home: Path, monkeypatch
) -> None:
    monkeypatch.setattr("pipeline.engine.launching.process_count", lambda: 3)
    code, facts, _ = run("train", small, "--steps", 1)
    assert (code, facts["kind"]) == (2, "BatchNotShared")
    assert facts["error"].startswith(
        "A batch of 8 images cannot be shared equally by 3 processes. Set the batch size to 6"
    )
    with Store(home) as store:
        assert store.recent() == []
