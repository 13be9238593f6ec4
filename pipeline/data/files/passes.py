"""Goes through the images of a source in threads, some at a time, with progress."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TypeVar

import numpy as np

from pipeline.data.progress import ReadProgress

AT_ONCE = 128
"""Images per task of a thread."""

LOOK_SECONDS = 0.2
"""Longest time between two progress reports while no task finishes."""

MOST_THREADS = 8

T = TypeVar("T")


def go_through(
    indices: Sequence[int],
    task: Callable[[Iterable[int]], T],
    take: Callable[[T], None],
    doing: str,
    progress: ReadProgress,
) -> None:
    """Call `task` with some of the indices at a time, in threads, and `take` with each result, in any order.

    doing: for `progress`; anything that it raises ends all tasks early and is raised. So is what a task raises.
    """
    count = len(indices)
    seen = np.zeros(count, np.bool_)
    ending = False

    def some(start: int) -> Iterator[int]:
        for place in range(start, min(start + AT_ONCE, count)):
            if ending:
                return
            yield indices[place]
            seen[place] = True

    progress(doing, 0, count)
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1), "genscope-images") as pool:
        waiting = {pool.submit(task, some(start)) for start in range(0, count, AT_ONCE)}
        try:
            while waiting:
                done, waiting = wait(waiting, LOOK_SECONDS, FIRST_COMPLETED)
                for part in done:
                    take(part.result())
                progress(doing, int(seen.sum()), count)
        except BaseException:
            ending = True
            pool.shutdown(wait=True, cancel_futures=True)
            raise
