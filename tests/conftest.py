"""What tests of several rooms share: a home of their own, and engines that end with the test that started them."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.address import Address, read_note

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.training.trainer import Trainer

WaitFor = Callable[..., None]
MadeBy = Callable[["Trainer", str], "dict[str, Tensor]"]


def pytest_configure() -> None:
    """Ctrl-C is heard by the tests, and by the processes that they start, also where they run in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty GENSCOPE_HOME for one test; the engines that it started are ended after it."""
    yield from _home_in(tmp_path)


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty GENSCOPE_HOME for the tests of one file, which then share an engine: starting one takes seconds."""
    yield from _home_in(tmp_path_factory.mktemp("shared"))


def _home_in(folder: Path) -> Iterator[Path]:
    home = folder / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENSCOPE_HOME", str(home))
        patch.delenv("GENSCOPE_DATABASE_URL", raising=False)
        yield home
        for role in ("train", "draw"):
            _end_engine(Address(home, role))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path, f"sqlite:///{tmp_path}/genscope.sqlite") as store:
        yield store


@pytest.fixture
def new_run(store: Store) -> Callable[..., RunRecord]:
    """`new_run(name="digits", ...)`: a run with a hundred steps an epoch."""

    def make(**changes: object) -> RunRecord:
        facts = {
            "name": "digits",
            "workflow_text": '{"prompt": {}}',
            "device": "cpu",
            "seed": 7,
            "total_steps": 3000,
            "batch_size": 64,
            "train_images": 6400,
            "who": "Ada",
        }
        return store.create(**{**facts, **changes})

    return make


@pytest.fixture(scope="session")
def wait_for() -> WaitFor:
    """`wait_for(condition, seconds=20)` returns once the condition holds, and fails the test where it does not."""

    def wait(condition: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"did not happen within {seconds:g} seconds"
            time.sleep(0.02)

    return wait


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Small networks are slowed by a second thread, and by much where the machine is busy."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def made_by() -> MadeBy:
    """made_by(trainer, "generator"): does the next step; everything that the stages of this update of it have made."""

    def made_by(trainer: "Trainer", update: str) -> dict[str, "Tensor"]:
        made: dict[str, Tensor] = {}
        for stage in trainer.stages():
            if stage.update == update:
                made |= stage.made
        return made

    return made_by


def _end_engine(address: Address) -> None:
    note = read_note(address.note)
    if note is None:
        return
    try:
        os.kill(note.pid, signal.SIGTERM)
        psutil.Process(note.pid).wait(timeout=20)
    except (ProcessLookupError, psutil.NoSuchProcess):
        pass
