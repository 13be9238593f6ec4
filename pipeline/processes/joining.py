"""Join the other processes of a run: meet, compare, and connect.

    with join(launch) as group:
        ...  # lead, or `follow(group)`

They meet at a TCPStore, that of torchrun's agent or of process 0. Every attempt of torchrun has a part of its own in
it, and all attempts share a memory.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial

import torch
from torch._C._distributed_c10d import PrefixStore, Store, TCPStore
from torch.distributed import destroy_process_group, init_process_group

from pipeline.errors.base import GenscopeError
from pipeline.errors.processes import MissingProcess, NoMeetingPoint
from pipeline.formatting import first_line, listed
from pipeline.processes import watch
from pipeline.processes.attempt import agree
from pipeline.processes.group import Group, set_current
from pipeline.processes.introduction import Introduction, require_alike
from pipeline.processes.launch import Launch
from pipeline.processes.line import GroupLine
from pipeline.ranks.ranks import ALONE, Ranks

JOIN_SECONDS = 300.0
"""How long the slowest process may take to start: on a cluster, to load torch from a shared disk."""
DATA = timedelta(minutes=10)
"""How long a process may compute between two exchanges of gradients."""
POLL_SECONDS = 0.05
VERDICT, PLACE = "verdict", "genscope"


@contextmanager
def join(launch: Launch, seconds: float = JOIN_SECONDS) -> Iterator[Group]:
    """Join the group and make it the current one. seconds: how long to wait for the others.

    Raises in every process what process 0 finds: OtherProcess, HomeOfProcess, MissingProcess; and NoMeetingPoint.
    """
    meeting = _meet(launch, seconds)
    memory = PrefixStore(f"{PLACE}/memory/{launch.job}", meeting)
    began = time.monotonic()
    with _met(launch):
        attempt = agree(PrefixStore(f"{PLACE}/door", meeting), launch.rank, launch.count, seconds)
    store = PrefixStore(f"{PLACE}/{attempt}", meeting)
    if launch.count == 1:
        group = Group(launch, ALONE, None, store, memory, [Introduction.of_this(0, 1, 0)])
        set_current(group)
        try:
            yield group
        finally:
            set_current(None)
        return
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    person = Introduction.of_this(launch.rank, launch.local_count, gpus)
    ended = threading.Event()
    with _met(launch):
        processes = introduce(store, person, launch.count, seconds, began)
        init_process_group(
            backend_of(processes),
            store=PrefixStore("group", store),
            rank=launch.rank,
            world_size=launch.count,
            timeout=DATA,
        )
        line = GroupLine()
    own = PrefixStore(f"{PLACE}/{attempt}", _meet(launch, seconds))
    watching = watch.beat if launch.leads else partial(watch.listen, rank=launch.rank)
    threading.Thread(target=watching, args=(own, ended), daemon=True).start()
    ranks = Ranks(launch.rank, launch.count, launch.local_rank)
    group = Group(launch, ranks, line, store, memory, processes)
    set_current(group)
    try:
        yield group
    finally:
        set_current(None)
        ended.set()
        with suppress(RuntimeError):
            destroy_process_group()


def introduce(
    store: Store, own: Introduction, count: int, seconds: float, began: float | None = None
) -> list[Introduction]:
    """Introduce this process, and return all processes, by rank, once process 0 has found that they may work together.

    began: the time from which the seconds count; None for now. Raises in every process what process 0 finds.
    """
    store.set(f"process/{own.rank}", own.text)
    end = (time.monotonic() if began is None else began) + seconds
    if own.rank:
        # Process 0 answers at the end of this time if another one is missing.
        if not _come(store, VERDICT, end + seconds / 10 + 1):
            raise MissingProcess("Process 0", count, seconds)
        verdict = json.loads(store.get(VERDICT))
        if verdict["sentence"]:
            error = GenscopeError(verdict["sentence"])
            error.exit_code = verdict["code"]
            raise error
        return [Introduction.read(store.get(f"process/{rank}")) for rank in range(count)]
    try:
        missing = [rank for rank in range(count) if not _come(store, f"process/{rank}", end)]
        if missing:
            noun = "Process" if len(missing) == 1 else "Processes"
            raise MissingProcess(f"{noun} {listed(map(str, missing))}", count, seconds)
        processes = [Introduction.read(store.get(f"process/{rank}")) for rank in range(count)]
        require_alike(processes)
    except GenscopeError as error:
        store.set(VERDICT, json.dumps({"sentence": str(error), "code": error.exit_code}))
        raise
    store.set(VERDICT, json.dumps({"sentence": ""}))
    return processes


def backend_of(processes: list[Introduction]) -> str:
    """The backend of torch.distributed: NCCL between GPUs, unless processes of a machine have to share one."""
    own = all(process.gpus >= process.local_count for process in processes)
    return "cpu:gloo,cuda:nccl" if own else "gloo"


def _come(store: Store, key: str, end: float) -> bool:
    """Whether the key is there before this time."""
    while not store.check([key]):
        if time.monotonic() >= end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _meet(launch: Launch, seconds: float) -> TCPStore:
    """A connection to the meeting point; process 0 opens it if torchrun's agent has not. Raises NoMeetingPoint."""
    opens = launch.leads and not launch.kept
    with _met(launch):
        return TCPStore(
            launch.address,
            launch.port,
            is_master=opens,
            timeout=timedelta(seconds=seconds),
            wait_for_workers=False,
            multi_tenant=True,
        )


@contextmanager
def _met(launch: Launch) -> Iterator[None]:
    """Raises NoMeetingPoint for what torch raises where the meeting point does not answer, or not any more."""
    try:
        yield
    except RuntimeError as error:
        raise NoMeetingPoint(launch.address, launch.port, first_line(error)) from error
