"""Fixtures for tests of several packages: a temporary home whose engines end with the test, stored runs, waiting."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from pipeline.bench.server import end_engines
from pipeline.runtime.cores import SHORT_SPIN
from tests import promises
from tests.nursery import Nursery

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.runs.store import RunRecord, Store
    from pipeline.training.trainer import Trainer

if "PYTEST_XDIST_WORKER" in os.environ:
    # Each process would compute with as many threads as there are cores and spin while it waits for them, so that tests
    # of two seconds took half a minute. Runs choose the number of their threads themselves. Numpy and torch read it
    # when they are imported: by no import above, but by some of the tests' conftest files.
    assert not {"numpy", "torch"} & set(sys.modules), "tests/conftest.py imports numpy or torch"
    os.environ.update({"OMP_NUM_THREADS": "1", **SHORT_SPIN})

WaitFor = Callable[..., None]
MadeBy = Callable[["Trainer", str], "dict[str, Tensor]"]


def pytest_addoption(parser: pytest.Parser) -> None:
    promises.add_option(parser)


def pytest_configure() -> None:
    """Restore the signals that the tests rely on, for them and the processes they start.

    A shell ignores SIGINT for background jobs; other parents may ignore or block more. SIGHUP stays as it is: under
    nohup, the tests go on when their terminal is closed.
    """
    for number, handler in {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGCHLD: signal.SIG_DFL,
    }.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP})
    if "PYTEST_XDIST_WORKER" in os.environ:
        # Linux shares the processors out by session, and every engine has its own: together in one session, both
        # processes would get no more time than one engine.
        with suppress(PermissionError):
            os.setsid()
        if hasattr(os, "sched_setaffinity"):
            from tests.scheduling import processors_of

            worker, count = os.environ["PYTEST_XDIST_WORKER"], int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
            os.sched_setaffinity(0, processors_of(worker, count, os.sched_getaffinity(0)))
    # A busy machine is slow, which is no fault of what is tested.
    settings.register_profile("genscope", deadline=None)
    settings.load_profile("genscope")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [each for kind in terminalreporter.stats.values() for each in kind]
    promises.report(reports, terminalreporter.write_line)


@pytest.fixture
def promise(request: pytest.FixtureRequest) -> promises.Promise:
    """`promise("what", seconds, 2.0)` reports a measured time; with --promises, the test fails if it is longer."""
    return promises.promise_of(request.node)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `engine` the tests that start a process, or have a home: nearly all of those train a run. Put those that
    run side by side in order."""
    for item in items:
        names = item.function.__code__.co_names if isinstance(item, pytest.Function) else ()
        fixtures = {"home", "shared_home", "trained", "browser"}
        if "subprocess" in names or fixtures & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.engine)
    if "PYTEST_XDIST_WORKER" in os.environ:
        from tests.scheduling import longest_first

        items[:] = [items[place] for place in longest_first([item.nodeid for item in items])]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    from tests.scheduling import FilesTogether

    return FilesTogether(config, log)


@pytest.fixture(scope="session", autouse=True)
def _nursery() -> Iterator[None]:
    """Engines start by a fork, see `tests/nursery.py`; those of a real server start as users start them."""
    nursery = Nursery()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.runtime.start.start", nursery.start)
        yield
    nursery.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty GENSCOPE_HOME for one test; engines started in it are ended afterwards."""
    yield from _home_in(tmp_path)


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty GENSCOPE_HOME for the tests of one file, so that they share an engine: starting one takes seconds."""
    yield from _home_in(tmp_path_factory.mktemp("shared"))


def _home_in(folder: Path) -> Iterator[Path]:
    home = folder / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENSCOPE_HOME", str(home))
        patch.delenv("GENSCOPE_DATABASE_URL", raising=False)
        yield home
        end_engines(home)


@pytest.fixture
def sockets_apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Engines of this test have their sockets in a temporary folder of their own, with a short path: that of a socket
    is limited to about 100 bytes, which `tmp_path` may nearly have."""
    with TemporaryDirectory(prefix="g-") as folder:
        monkeypatch.setattr("tempfile.tempdir", folder)
        yield


@pytest.fixture
def store(tmp_path: Path) -> "Iterator[Store]":
    from pipeline.runs.store import Store

    with Store(tmp_path, f"sqlite:///{tmp_path}/genscope.sqlite") as store:
        yield store


@pytest.fixture
def new_run(store: "Store") -> "Callable[..., RunRecord]":
    """`new_run(name="digits", ...)`: create a stored run with 100 steps per epoch."""

    def make(**changes: object) -> "RunRecord":
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
    """`wait_for(condition)` waits until the condition holds, patiently: a busy machine may take any time. What must be
    fast is measured with `promise`."""

    def wait(condition: Callable[[], object], seconds: float = 90.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"did not happen within {seconds:g} seconds"
            time.sleep(0.02)

    return wait


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Run torch on one thread: a second one slows small networks down, on a busy machine by much."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def made_by() -> MadeBy:
    """`made_by(trainer, "generator")`: run the next step and return all tensors made in this update."""

    def made_by(trainer: "Trainer", update: str) -> dict[str, "Tensor"]:
        made: dict[str, Tensor] = {}
        for stage in trainer.stages():
            if stage.update == update:
                made |= stage.made
        return made

    return made_by
