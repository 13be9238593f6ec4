"""What is reported when processes fail: one sentence, that of the process at fault."""

import os
import signal
import threading
import time
from functools import partial

import pytest
from torch._C._distributed_c10d import HashStore

from pipeline.errors.base import GenscopeError
from pipeline.errors.processes import LeaderLost, LostProcess, RefusedByProcess
from pipeline.errors.training import NodeFailure
from pipeline.processes import group as groups
from pipeline.processes import watch
from pipeline.processes.group import Group
from pipeline.processes.introduction import Introduction
from pipeline.processes.launch import Launch
from pipeline.processes.words import Words, said, say
from pipeline.ranks.ranks import Ranks

CLOSED = RuntimeError("[gloo/transport/tcp/pair.cc:538] Connection closed by peer [127.0.0.1]:4711")


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Nobody is waited for."""
    monkeypatch.setattr(groups, "AGREE_SECONDS", 0.05)
    monkeypatch.setattr(groups, "LOST_SECONDS", 0.05)


def test_a_fault_that_all_share_is_reported_once_and_keeps_them_together(pair):
    pair.follower._group.say(1, Words("Node 'x' failed.", "x"))
    own = NodeFailure("x", "run", "it is wrong.")
    assert pair.group.judged(1, own, "training", "train") is own
    assert not pair.group.broken


def test_the_sentence_of_a_process_that_ended_is_reported_instead_of_the_lost_connection(pair):
    pair.follower._group.say(1, Words("The device's memory is full.", "generator", left=True))
    failure = NodeFailure("loss", "run its stage", str(CLOSED))
    failure.__cause__ = CLOSED
    found = pair.group.judged(1, failure, "training", "train")
    assert str(found) == "Process 1 on host-1: The device's memory is full."
    assert found.node_id == "generator"
    assert pair.group.broken


def test_a_process_that_was_killed_is_named(pair):
    found = pair.group.judged(1, CLOSED, "training", "train", "GAN training")
    assert str(found) == (
        "GAN training (training) failed to train: process 1 on host-1 has ended or does not answer any more. The run "
        "can be resumed from its last checkpoint."
    )
    assert pair.group.broken


def test_of_several_processes_the_lost_one_is_named_only_if_all_others_have_answered(monkeypatch):
    people = [Introduction(rank, f"host-{rank}", 1, "1", "2", "3", "", "/home") for rank in range(4)]
    group = Group(Launch(0, 4), Ranks(0, 4), None, HashStore(), HashStore(), people)
    monkeypatch.setattr(groups, "LOST_SECONDS", 0.2)
    began = time.monotonic()
    assert "train: another process has ended" in str(group.judged(1, CLOSED, "training", "train"))
    assert time.monotonic() - began < 0.5, "all of them are waited for at once"
    for rank in (1, 2):
        say(group._store, 2, rank, Words(left=True))
    assert "train: process 3 on host-3 has ended" in str(group.judged(2, CLOSED, "training", "train"))


def test_why_a_process_left_is_reported_whenever_that_is_noticed(pair):
    pair.follower._group.leave(3, Words("The device's memory is full.", "generator"))
    said = "Process 1 on host-1: The device's memory is full."
    assert str(pair.group.judged(4, CLOSED, "training", "train")) == said
    assert str(pair.group.lost("training", "train")) == said


def test_a_fault_of_the_first_process_alone_is_its_own_and_ends_the_group(pair):
    own = NodeFailure("x", "run", "it is wrong.")
    assert pair.group.judged(1, own, "training", "train") is own
    assert pair.group.broken


def test_a_follower_that_fails_alone_ends_and_one_that_fails_with_the_first_goes_on(lead, pair):
    lead()
    follower = pair.follower
    assert follower._failed(7, ValueError("no such number")) == 1
    assert said(pair.group._store, 7, 1, 0) == Words("it failed (ValueError: no such number).", left=True)
    pair.group.judged(8, NodeFailure("x", "run", "it is wrong."), "training", "train")
    assert follower._failed(8, ValueError("no such number")) is None


def test_a_follower_whose_first_process_is_gone_ends_without_a_word(pair):
    assert pair.follower._failed(3, CLOSED) == 1
    assert said(pair.group._store, 3, 1, 0) == Words(left=True)
    assert str(LeaderLost()) == "Process 0 has ended, so this process ends too."


def test_other_images_are_refused_by_the_process_that_has_them(pair, lead, monkeypatch):
    monkeypatch.setattr(
        "pipeline.processes.leading.facts_of", lambda experiment: {"images": 12, "hash": "ab", "device": "cpu"}
    )
    with pytest.raises(RefusedByProcess) as refused:
        lead()
    assert str(refused.value) == (
        "Process 1 on host-1: it has 1,617 training images, process 0 on host-0 has 12 training images. All processes "
        "of a run need the same."
    )
    # They are still together: the next run is built.
    monkeypatch.undo()


def test_waiting_for_a_follower_can_be_stopped(pair):
    def stop(doing, done, total):
        raise GenscopeError(f"{doing} {done} of {total}")

    with pytest.raises(GenscopeError, match="Waiting for the other processes: 1 of 2"):
        pair.group.require_built(99, stop)


def test_a_follower_that_dies_while_it_builds_is_named_and_one_that_lives_is_waited_for(pair, monkeypatch):
    monkeypatch.setattr(groups, "Pulse", partial(watch.Pulse, lost=0.3))
    ended, begun = threading.Event(), time.monotonic()
    alive = threading.Thread(target=watch.listen, args=(pair.group._store, ended, 1, 0.02), daemon=True)
    alive.start()

    def waiting(doing, done, total):
        if time.monotonic() - begun > 0.7:
            ended.set()

    with pytest.raises(LostProcess) as lost:
        pair.group.require_built(99, waiting, "training", "GAN training")
    assert time.monotonic() - begun > 0.9
    assert str(lost.value).startswith("GAN training (training) failed to begin: process 1 on host-1 has ended")


def test_a_follower_leaves_when_the_first_process_has_been_silent_for_long():
    store, left, ended = HashStore(), [], threading.Event()
    watch.listen(store, ended, 1, seconds=0.01, lost=0.05, leave=left.append)
    assert left == [1]


def test_a_follower_stays_while_the_first_process_is_heard():
    store, left, ended = HashStore(), [], threading.Event()
    threading.Thread(target=watch.beat, args=(store, ended, 0.01), daemon=True).start()
    threading.Timer(0.5, ended.set).start()
    watch.listen(store, ended, 1, seconds=0.02, lost=0.3, leave=left.append)
    assert left == []


def test_the_first_process_is_told_to_stop_when_torchrun_and_its_meeting_point_are_gone():
    class Gone(HashStore):
        def add(self, key, amount):
            raise RuntimeError("Connection reset by peer")

    told = []
    watch.beat(Gone(), threading.Event(), seconds=0.01, leave=lambda process, number: told.append((process, number)))
    assert told == [(os.getpid(), signal.SIGTERM)]
