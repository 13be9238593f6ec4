"""How much of its speed training keeps while colleagues watch it, in turns with nobody watching.

The server and the engine are processes, as users have them. So are the viewers: sessions that poll like an open Train
page and fetch its images, but draw nothing (`tests/bench/session.py`). A Chromium draws four such pages with a whole
core, which training would then lack; a colleague's browser draws them on the colleague's machine.
"""

import json
import subprocess
import time
from collections.abc import Callable
from contextlib import closing

from pipeline.bench.declaration import Aim, Measurement, NotMeasured, Row, Values, Workbench
from pipeline.bench.processes import started
from pipeline.bench.server import ROOT, Server
from pipeline.errors.base import Fault
from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio.run import training
from pipeline.studio.workflows import DEFAULT_TEMPLATE, open_template

CROWDS = (4, 20)
ROUNDS = 3
SECONDS = {0: 8.0, 4: 12.0, 20: 48.0}
"""Viewers -> seconds of a turn: whole intervals of the charts' polls, which are the longer the more browsers are open
(`pages/components/shell/crowd.py`): 6 s with four of them, 48 s with twenty."""
SETTLED = {0: 2.0, 4: 4.0, 20: 15.0}
"""Viewers -> seconds before a turn, in which the pages that were opened first are drawn again for the whole crowd. What
is measured is watching, not opening."""
PROGRAM = "tests.bench.viewers"
LONGEST = 120.0
"""Seconds to wait for a step, or for pages."""


class NothingHappens(Fault):
    """Training or a viewer came to nothing in time."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} took more than {LONGEST:g} seconds.")


def _row(count: int) -> str:
    return f"{count} viewers"


def measure(bench: Workbench) -> Values:
    """Rounds of nobody, four and twenty viewers. Raises NotMeasured without the program that plays viewers."""
    if not (ROOT / PROGRAM.replace(".", "/")).with_suffix(".py").is_file():
        raise NotMeasured(f"{PROGRAM}, which plays viewers, is not here: run it in a whole checkout.")
    crowds = CROWDS[:1] if bench.effort.quick else CROWDS
    shares: dict[str, list[float]] = {_row(count): [] for count in crowds}
    home = bench.folder / "home"
    home.mkdir()
    bench.say("starts the server")
    with Server(home) as server, closing(TrainerHandle(home)) as trainer:
        _train(trainer)
        with started(["-m", PROGRAM, server.url, "Train"], home) as viewers:
            for number in range(1 if bench.effort.quick else ROUNDS):
                bench.say(f"watches in round {number + 1}")
                alone = _watched(viewers, trainer, 0, bench)
                for count in crowds:
                    shares[_row(count)].append(_watched(viewers, trainer, count, bench) / alone)
    return shares


def _train(trainer: TrainerHandle) -> None:
    """Start an endless run of the default template, which the page Train then shows; return once it trains."""
    _wait("The start of the engine", lambda: trainer.snapshot.engine == "ready")
    endless = edit.apply_settings(open_template(DEFAULT_TEMPLATE), ["training.total_steps=1000000"], NODES)
    training.start(trainer, endless, "")
    _wait("The first steps", lambda: trainer.snapshot.step > 20)


def _watched(viewers: "subprocess.Popen[str]", trainer: TrainerHandle, count: int, bench: Workbench) -> float:
    """Steps per second with so many viewers."""
    before = _viewed(viewers, count)
    time.sleep(SETTLED[0 if bench.effort.quick else count])
    speed = _speed(trainer, 2.0 if bench.effort.quick else SECONDS[count])
    after = _viewed(viewers, count)
    if count and not bench.effort.quick and sum(after) - sum(before) < count:
        raise NothingHappens("A poll of each viewer")
    return speed


def _viewed(viewers: "subprocess.Popen[str]", count: int) -> list[int]:
    """Open or close pages until there are so many; how often each has seen a part of its page drawn."""
    assert viewers.stdin is not None and viewers.stdout is not None
    viewers.stdin.write(f"{count}\n")
    viewers.stdin.flush()
    answer = viewers.stdout.readline()
    if not answer:
        raise NothingHappens("The pages of the viewers")
    drawn: list[int] = json.loads(answer)
    if not all(drawn):
        raise NothingHappens("The pages of the viewers")
    return drawn


def _speed(trainer: TrainerHandle, seconds: float) -> float:
    """Steps per second, from the end of one slice to the end of another."""
    first, began = _next_slice(trainer)
    time.sleep(seconds)
    last, ended = _next_slice(trainer)
    return (last - first) / (ended - began)


def _next_slice(trainer: TrainerHandle) -> tuple[int, float]:
    step = trainer.snapshot.step
    _wait("A step", lambda: trainer.snapshot.step > step)
    return trainer.snapshot.step, time.monotonic()


def _wait(what: str, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > deadline:
            raise NothingHappens(what)
        time.sleep(0.005)


COMPARES = "training speed with so many Train pages open, relative to none"
REASON = (
    "On two cores, both of which train, all that the server computes is taken from training; more pages take no more."
)
VIEWERS = Measurement(
    name="viewers",
    rows=(Row(_row(4), COMPARES, Aim("at least", 0.95), reason=REASON), Row(_row(20), COMPARES, Aim("at least", 0.9))),
    seconds=280.0,
    measure=measure,
)
