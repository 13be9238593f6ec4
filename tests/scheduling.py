"""Which tests run in which of two processes (pytest-xdist), and in which order."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

ENGINES = "engines"
WITH_ENGINES = ("engine", "pages", "runtime")
"""Folders whose tests start engines."""


class EnginesTogether(LoadScopeScheduling):  # type: ignore[misc]
    """One process runs all tests that start engines: two engines on two cores slow each other down a hundredfold. Of
    other tests, those of a file stay together. pytest-xdist's own groups do not work with pytest 9.2."""

    def __init__(self, config: Any, log: Any) -> None:
        super().__init__(config, log)
        # It would begin with the files of many tests, and end with a long one while the other process is idle.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """What a test shares with those that run in the same process."""
    file = nodeid.partition("::")[0]
    return ENGINES if file.split("/")[1] in WITH_ENGINES else file


def longest_first(nodeids: Sequence[str]) -> list[int]:
    """The places of the tests in the order to run them: first those that start engines, then the files with few tests,
    since these take the longest."""
    scopes = [scope_of(nodeid) for nodeid in nodeids]
    counts = Counter(scopes)
    return sorted(range(len(scopes)), key=lambda place: (scopes[place] != ENGINES, counts[scopes[place]], place))
