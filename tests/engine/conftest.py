"""Fixtures: a small workflow, a worker in this process, and a trainer with a separate engine process."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch

from pipeline.engine.active_run import ActiveRun
from pipeline.engine.worker import TrainingWorker
from pipeline.graph import document, edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs import metrics
from pipeline.runs.store import Store
from pipeline.runs.system_series import SYSTEM_NAMES
from pipeline.runs.watching import Breakpoint, Watching
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.commands import AnswerT, Chunk, Command, Pause, Start
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio import workflows

SMALL = ("generator.hidden=16,16", "discriminator.hidden=16,16", "training.batch_size=8", "samples.count=4")


RATE = {"node": "generator_optimizer", "parameter": "learning_rate"}


class Bench:
    """A worker in this process, with methods that send it commands. snapshot: what browsers would have now."""

    def __init__(self, worker: TrainingWorker) -> None:
        self.worker = worker

    @property
    def snapshot(self) -> Snapshot:
        return self.worker.snapshot

    @property
    def run(self) -> ActiveRun:
        """The loaded run, to inspect or break."""
        return self.worker.session.debugger("The test").run

    def ask(self, command: type[Command[AnswerT]], *, who: str = "Ada", **fields: Any) -> AnswerT:
        """Send a command for the loaded run."""
        run = "" if command is Start else self.snapshot.run
        return cast(AnswerT, self.worker.obey(command(**{"run": run, "who": who, **fields})))

    def start(self, workflow: Workflow, **facts: Any) -> str:
        """Start a run and return its id; it trains only when `advance` or `go_on` is called."""
        self.ask(Start, workflow=document.write(workflow), **facts)
        return self.snapshot.run

    def go_on(self) -> None:
        """Train until the run pauses or ends, like the service."""
        while self.worker.busy:
            self.advance()

    def advance(self) -> None:
        """Train one slice."""
        self.worker.advance(lambda: False)

    def chunk(self, steps: int) -> None:
        """Train `steps` steps, then pause."""
        self.ask(Pause)
        self.ask(Chunk, steps=steps)
        self.go_on()

    def weights(self) -> Mapping[str, torch.Tensor]:
        """A copy of all weights and statistics, by "role.name"."""
        networks = self.run.trainer.state.networks
        return {
            f"{role}.{name}": each.clone()
            for role, network in networks.items()
            for name, each in network.state_dict().items()
        }


def same(left: Mapping[str, torch.Tensor], right: Mapping[str, torch.Tensor]) -> bool:
    """Whether two sets of weights are bit-identical."""
    return all(torch.equal(left[name], right[name]) for name in left)


def breakpoints(*conditions: str) -> Watching:
    """Enabled breakpoints with these conditions."""
    return Watching(tuple(map(Breakpoint, conditions)))


def recorded(home: Path, run: str) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    """The run's recorded metrics, one value per step, without what training took of the machine."""
    with Store(home) as store:
        found = metrics.history(store, run, bands=4096)
    assert found.width == 1
    return {name: curve.last for name, curve in found.series.items() if name not in SYSTEM_NAMES}


@pytest.fixture
def run(bench: Bench, small: Callable[..., Workflow]) -> str:
    """A run on the bench, paused after 20 steps."""
    run = bench.start(small())
    bench.chunk(20)
    return run


@pytest.fixture(scope="session")
def small() -> Callable[..., Workflow]:
    """`small("node.parameter=value", ...)`: the MLP GAN on digits with tiny networks."""
    return lambda *settings: edit.apply_settings(workflows.open_template("mlp-gan"), [*SMALL, *settings], NODES)


@pytest.fixture
def bench(home: Path) -> Iterator[Bench]:
    threads = torch.get_num_threads()
    worker = TrainingWorker(home, publish=lambda snapshot: None)
    yield Bench(worker)
    worker.close()
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def trainer(shared_home: Path, wait_for: Callable[..., None]) -> Iterator[TrainerHandle]:
    """A handle whose engine is ready, shared by the tests of a file; each test starts its own run."""
    handle = TrainerHandle(shared_home)
    wait_for(lambda: handle.snapshot.engine == "ready")
    yield handle
    handle.close()
