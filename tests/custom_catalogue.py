"""Files of one's own loaded in a test, and nothing left of them after it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from pipeline.families.family import FAMILIES
from pipeline.nodes.catalogue import NODES


class _Leave(Exception):
    """Ends the loading as if it had failed."""


@contextmanager
def catalogue_as_before() -> Iterator[pytest.MonkeyPatch]:
    """Nodes, families and modules are afterwards what they were before; yields a patch that is taken back too."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch, suppress(_Leave), FAMILIES.all_or_none():
        patch.setattr(NODES, "_classes", dict(NODES._classes))
        patch.setattr(NODES, "_missing", {})
        yield patch
        raise _Leave
    for name in set(sys.modules) - before:
        if name.startswith("own_nodes_"):
            del sys.modules[name]
