"""Processes introduce themselves: those that differ are refused, and each hears the same sentence."""

import json
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from torch._C._distributed_c10d import HashStore, TCPStore

from pipeline.errors.base import GenscopeError
from pipeline.errors.processes import BadLaunch, MissingProcess
from pipeline.processes.attempt import agree
from pipeline.processes.introduction import Introduction, nodes_hash
from pipeline.processes.joining import backend_of, introduce, join
from pipeline.processes.launch import Launch, launched, local_processes

FIRST = Introduction(0, "ada", 1, "0.8.0", "2.14.1", "3.11.2", "", "/home/g")
TORCHRUN = {
    "RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "ada",
    "MASTER_PORT": "29500", "TORCHELASTIC_RESTART_COUNT": "2", "TORCHELASTIC_USE_AGENT_STORE": "True",
}  # fmt: skip


def meet(*processes: Introduction, count: int = 0, seconds: float = 20) -> list[Any]:
    """What each process gets: all introductions, or the error."""
    store, found = HashStore(), list[Any]([None] * len(processes))

    def run(place: int) -> None:
        try:
            found[place] = introduce(store, processes[place], count or len(processes), seconds)
        except GenscopeError as error:
            found[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(processes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_processes_that_are_alike_know_each_other():
    other = replace(FIRST, rank=1, host="bob", pid=7)
    assert meet(FIRST, other) == [[FIRST, other]] * 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"torch": "2.13.0"}, "has torch 2.13.0, process 0 on ada has 2.14.1"),
        ({"genscope": "0.7.0"}, "has Genscope 0.7.0, process 0 on ada has 0.8.0"),
        ({"python": "3.12.1"}, "has Python 3.12.1, process 0 on ada has 3.11.2"),
        ({"nodes": "cafe"}, "has the custom nodes (GENSCOPE_NODES) cafe, process 0 on ada has none"),
        ({"home": "/mnt"}, "has the home (GENSCOPE_HOME) /mnt, process 0 on ada has /home/g"),
    ],
)
def test_a_process_that_differs_is_refused_by_all(changed, sentence):
    found = meet(FIRST, replace(FIRST, rank=1), replace(FIRST, rank=2, host="bob", **changed))
    assert [str(each) for each in found] == [f"Process 2 on bob {sentence}. All processes of a run need the same."] * 3
    assert {each.exit_code for each in found} == {2}


def test_another_version_that_says_other_things_of_itself_is_refused_by_its_version():
    said = {"rank": 1, "host": "bob", "pid": 7, "genscope": "2.0.0", "shoes": 45}
    found = meet(FIRST, Introduction.read(json.dumps(said).encode()))
    assert {str(each) for each in found} == {
        "Process 1 on bob has Genscope 2.0.0, process 0 on ada has 0.8.0. All processes of a run need the same."
    }


def test_a_meeting_point_that_vanishes_before_all_are_there_is_said():
    stores = [TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)]
    port = stores[0].port
    found: list[GenscopeError] = []

    def wait() -> None:
        try:
            with join(Launch(1, 2, port=port, kept=True), 20):
                pass
        except GenscopeError as error:
            found.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not stores[0].check(["genscope/door/knock/1"]):
        time.sleep(0.01)
    # It ends with its last reference.
    stores.clear()
    thread.join()
    assert str(found[0]).startswith(f"The processes cannot meet at 127.0.0.1:{port}: ")


def test_a_home_that_one_process_cannot_write_is_named():
    trouble = "/home/g cannot be written: the folder is read-only for this user."
    found = meet(FIRST, replace(FIRST, rank=1, host="bob", home="", trouble=trouble))
    assert {str(each) for each in found} == {f"Process 1 on bob: {trouble}"}


def test_a_missing_process_is_named_after_a_while():
    found = meet(FIRST, replace(FIRST, rank=1), count=3, seconds=0.2)
    assert {str(each) for each in found} == {
        "Process 2 of 3 did not join within 0 seconds. Look at what it printed, and start all processes with the same "
        "command."
    }
    assert {each.exit_code for each in found} == {MissingProcess.exit_code}


def test_without_the_first_process_the_others_do_not_wait_for_ever():
    (found,) = meet(replace(FIRST, rank=1), count=2, seconds=0.1)
    assert str(found).startswith("Process 0 of 2 did not join within")


def test_every_attempt_has_a_name_of_its_own_whatever_a_dead_process_has_left():
    store = HashStore()
    assert len(names_of_an_attempt(store, 3)) == 1
    before = names_of_an_attempt(store, 3)
    assert len(before) == 1
    # A process that died at the door; the one that is started for it knocks later than the others.
    store.set("knock/1", "nobody")
    after = names_of_an_attempt(store, 3, late=0.2)
    assert len(after) == 1 and after != before


def names_of_an_attempt(store: HashStore, count: int, late: float = 0) -> set[str]:
    """The names that `count` processes agree on, of which process 1 comes late."""
    found: list[str] = []

    def run(rank: int) -> None:
        time.sleep(late if rank == 1 else 0)
        found.append(agree(store, rank, count, 20))

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return set(found)


def test_processes_that_share_a_gpu_talk_over_the_cpu():
    own = replace(FIRST, gpus=2, local_count=2)
    assert backend_of([own, own]) == "cpu:gloo,cuda:nccl"
    assert backend_of([own, replace(own, gpus=1)]) == "gloo"


def test_the_environment_of_torchrun_is_read():
    assert launched(TORCHRUN) == Launch(3, 4, 1, 2, "ada", 29500, restarts=2, kept=True)
    assert launched({"RANK": "0", "WORLD_SIZE": "2"}) is None
    assert local_processes(TORCHRUN) == 2
    assert local_processes({}) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("RANK", "4"), ("RANK", "-1"), ("WORLD_SIZE", "two"), ("MASTER_PORT", "0")]
)
def test_an_environment_that_makes_no_sense_is_refused(name, value):
    with pytest.raises(BadLaunch, match=f"The environment variable {name} is '{value}'"):
        launched(TORCHRUN | {name: value})


def test_other_files_of_custom_nodes_have_another_hash(tmp_path):
    (tmp_path / "mine.py").write_text("A = 1")
    before = nodes_hash([tmp_path])
    assert nodes_hash([tmp_path / "mine.py"]) != ""
    (tmp_path / "mine.py").write_text("A = 2")
    assert nodes_hash([tmp_path]) != before
    (tmp_path / "mine.py").unlink()
    assert nodes_hash([tmp_path]) == ""
