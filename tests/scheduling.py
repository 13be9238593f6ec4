"""Which tests run in which process (pytest-xdist), in which order, and on which processors."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

WITH_ENGINES = ("engine", "pages", "runtime")
"""Folders whose tests start engines."""


class FilesTogether(LoadScopeScheduling):  # type: ignore[misc]
    """The tests of a file stay together, since they share what they start."""

    def __init__(self, config: Any, log: Any) -> None:
        super().__init__(config, log)
        # It would begin with the files of many tests, and end with a long one while the other process is idle.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return file_of(nodeid)


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def longest_first(nodeids: Sequence[str]) -> list[int]:
    """The places of the tests in the order to run them: first those that start engines, the files with many tests
    before others; then the files with few tests, since these take the longest."""
    files = [file_of(nodeid) for nodeid in nodeids]
    counts = Counter(files)

    def place_of(place: int) -> tuple[bool, int, str, int]:
        file = files[place]
        engines = file.split("/")[1] in WITH_ENGINES
        return not engines, -counts[file] if engines else counts[file], file, place

    return sorted(range(len(files)), key=place_of)


def processors_of(worker: str, count: int, processors: Collection[int]) -> set[int]:
    """Those of these processors that one of `count` processes of tests, "gw0", "gw1" and so on, and the engines that it
    starts compute on.

    Each has its own: engines with a thread for each processor of the machine, which wait for each other in every
    operation, slow each other down a hundredfold.
    """
    number = int(worker.removeprefix("gw"))
    return set(sorted(processors)[number::count]) or set(processors)
