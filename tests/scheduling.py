"""Which tests run in which of two processes (pytest-xdist)."""

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

ENGINES = ("engine", "pages", "runtime")
"""Folders whose tests start engines."""


class EnginesTogether(LoadScopeScheduling):  # type: ignore[misc]
    """One process runs all tests that start engines: two engines on two cores slow each other down a hundredfold. Of
    other tests, those of a file stay together. pytest-xdist's own groups do not work with pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "engines" if file.split("/")[1] in ENGINES else file
