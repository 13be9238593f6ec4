"""What processes leave for each other at their meeting point when something goes wrong, or when they have built a run.

A collective operation that fails says only that a connection is closed. The process that failed has said why before.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from torch._C._distributed_c10d import Store
from torch.distributed import DistError

POLL_SECONDS = 0.02
TRANSPORTS = ("gloo", "nccl", "connection closed", "connection reset")
"""Parts of the messages of torch's RuntimeErrors about connections."""
LAST = 0
"""In place of the number of an announcement, which begin at 1: the words of a process that ends, whenever it does."""


@dataclass(frozen=True)
class Words:
    """What a process has said about an announcement. sentence: what failed there, "" if nothing did, or only the
    connection. node: the id of the node that failed. refused: whether it refused its input. left: whether it ends."""

    sentence: str = ""
    node: str = ""
    refused: bool = False
    left: bool = False


def say(store: Store, number: int, rank: int, words: Words) -> None:
    """Leave words about announcement `number`."""
    store.set(_key(number, rank), json.dumps(asdict(words)))


def said(store: Store, number: int, rank: int, seconds: float) -> Words | None:
    """What a process has said about this announcement; None if it has said nothing within these seconds."""
    end = time.monotonic() + seconds
    while not store.check([_key(number, rank)]):
        if time.monotonic() >= end:
            return None
        time.sleep(POLL_SECONDS)
    return Words(**json.loads(store.get(_key(number, rank))))


def replies(store: Store, number: int, ranks: range, waiting: Callable[[int], None]) -> Iterator[tuple[int, Words]]:
    """Yield what each of these processes says about this announcement, however long that takes.

    waiting: called with the number of replies so far while the next is waited for; it may raise to stop.
    """
    for count, rank in enumerate(ranks):
        while (words := said(store, number, rank, 0.2)) is None:
            waiting(count)
        yield rank, words


def connection_lost(error: BaseException | None) -> bool:
    """Whether this error, or one that caused it, says that another process is gone."""
    while error is not None:
        text = str(error).lower() if isinstance(error, RuntimeError) else ""
        if isinstance(error, DistError) or any(name in text for name in TRANSPORTS):
            return True
        error = error.__cause__ or error.__context__
    return False


def _key(number: int, rank: int) -> str:
    return f"words/{number}/{rank}"
