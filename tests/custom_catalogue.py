"""Load custom nodes in a test and remove all traces of them afterwards."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from pipeline.families.family import FAMILIES
from pipeline.nodes.catalogue import NODES


class _Leave(Exception):
    """Raised to undo registrations as if loading had failed."""


@contextmanager
def catalogue_as_before() -> Iterator[pytest.MonkeyPatch]:
    """Restore nodes, families and modules at exit; yields a monkeypatch that is undone too."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch, suppress(_Leave), FAMILIES.all_or_none():
        patch.setattr(NODES, "_classes", dict(NODES._classes))
        patch.setattr(NODES, "_missing", {})
        yield patch
        raise _Leave
    for name in set(sys.modules) - before:
        if name.startswith("own_nodes_"):
            del sys.modules[name]
