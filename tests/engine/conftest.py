"""A small workflow, and a trainer with an engine process of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.graph import edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio import workflows

SMALL = ("generator.hidden=16,16", "discriminator.hidden=16,16", "training.batch_size=8", "samples.count=4")


@pytest.fixture(scope="session")
def small() -> Callable[..., Workflow]:
    """`small("node.parameter=value", ...)`: the plain GAN on digits with networks that take no time."""
    return lambda *settings: edit.apply_settings(workflows.open_template("mlp-gan"), [*SMALL, *settings], NODES)


@pytest.fixture(scope="module")
def trainer(shared_home: Path, wait_for: Callable[..., None]) -> Iterator[TrainerHandle]:
    """A handle whose engine is ready; the tests of a file share it, so each starts a run of its own."""
    handle = TrainerHandle(shared_home)
    wait_for(lambda: handle.snapshot.engine == "ready", 60)
    yield handle
    handle.close()
