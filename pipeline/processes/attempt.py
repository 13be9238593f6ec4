"""Agree on a name for this attempt, under which the processes then leave each other messages.

torchrun's agent keeps the meeting point when it starts all processes again, with the addresses of the dead ones in it.
The number of restarts does not tell attempts apart: on several machines, only the agent whose process died counts it.
So each process knocks with a name that nobody has used before, and process 0 answers every knock until all are in.
"""

import time
from uuid import uuid4

from torch._C._distributed_c10d import Store

POLL_SECONDS = 0.05


def agree(store: Store, rank: int, count: int, seconds: float) -> str:
    """The name of this attempt, the same in all processes that are in; after `seconds`, some may be missing.

    Process 0 makes it up. Another process that gets no answer returns a name of its own, under which it is alone.
    """
    own, end = uuid4().hex, time.monotonic() + seconds
    if rank:
        store.set(_knock(rank), own)
        while not store.check([f"answer/{own}"]):
            if time.monotonic() >= end:
                return own
            time.sleep(POLL_SECONDS)
        attempt = store.get(f"answer/{own}").decode()
        store.set(f"in/{attempt}/{rank}", "")
        return attempt
    outside = set(range(1, count))
    while outside and time.monotonic() < end:
        for other in sorted(outside):
            # A knock may still be that of a dead process; the next look finds the living one's.
            if store.check([_knock(other)]):
                store.set(f"answer/{store.get(_knock(other)).decode()}", own)
        outside = {other for other in outside if not store.check([f"in/{own}/{other}"])}
        if outside:
            time.sleep(POLL_SECONDS)
    return own


def _knock(rank: int) -> str:
    return f"knock/{rank}"
