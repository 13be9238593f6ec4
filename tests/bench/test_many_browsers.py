"""How much of its speed the trainer keeps while four browsers watch it.

The browsers are sessions without a renderer (`session.py` says why) that poll the server exactly like four open Train
pages. Rounds with none and with four of them alternate, so that other load on the machine affects both. Rounds vary by
a tenth, so the mean share of speed is given with twice its standard error. The test fails only if the bound is above
that whole range, that is, if speed is lost and not just because the machine was noisy.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from math import sqrt
from statistics import mean, stdev

import pytest

from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio import workflows
from pipeline.studio.run import training
from tests.bench.session import Session
from tests.browser.server import Server

pytestmark = pytest.mark.slow

BROWSERS = 4
ROUNDS = 10
SECONDS = 5.0
KEPT = 0.95


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("served") / "home"
    home.mkdir()
    with Server(home) as running:
        yield running


def test_a_trainer_with_four_browsers_keeps_its_speed(
    server: Server, record_property: Callable[[str, object], None]
) -> None:
    trainer = _training(server)
    alone, watched = [], []
    for _ in range(ROUNDS):
        alone.append(_steps_per_second(trainer))
        with ExitStack() as browsers:
            sessions = [browsers.enter_context(Session(server.url, "Train")) for _ in range(BROWSERS)]
            time.sleep(2)
            before = [session.finished for session in sessions]
            watched.append(_steps_per_second(trainer))
            drawn = [session.finished - start for session, start in zip(sessions, before, strict=True)]
        assert min(drawn) > SECONDS, f"the browsers saw {drawn} parts of their pages drawn in {SECONDS:g} seconds"
        time.sleep(1)
    trainer.close()
    shares = [b / a for a, b in zip(alone, watched, strict=True)]
    ratio, uncertainty = mean(shares), 2 * stdev(shares) / sqrt(ROUNDS)
    rounds = ", ".join(f"{b:.1f} of {a:.1f}" for a, b in zip(alone, watched, strict=True))
    measured = f"{ratio:.3f} ± {uncertainty:.3f} of the speed without browsers; steps per second by rounds: {rounds}"
    print(measured)
    record_property("watched_share_of_speed", measured)
    assert ratio + uncertainty >= KEPT, measured


def _training(server: Server) -> TrainerHandle:
    """A trainer with an endless run, on the engine that this server started."""
    with Session(server.url) as first:
        _wait(lambda: first.finished and server.engine)
    trainer = TrainerHandle(server.home)
    _wait(lambda: trainer.snapshot.engine == "ready")
    endless = edit.apply_settings(workflows.open_template("dcgan"), ["training.total_steps=1000000"], NODES)
    training.start(trainer, endless, "")
    _wait(lambda: trainer.snapshot.step > 20)
    return trainer


def _steps_per_second(trainer: TrainerHandle) -> float:
    """Steps per second over at least `SECONDS`, from the end of one slice to the end of another."""
    first, began = _next_slice(trainer)
    time.sleep(SECONDS)
    last, ended = _next_slice(trainer)
    return (last - first) / (ended - began)


def _next_slice(trainer: TrainerHandle) -> tuple[int, float]:
    step = trainer.snapshot.step
    _wait(lambda: trainer.snapshot.step > step)
    return trainer.snapshot.step, time.monotonic()


def _wait(condition: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
