"""An evaluation rests while other programs keep the machine busy."""

import time
from threading import Event

import pytest

from pipeline.engine.giving_way import GivingWay
from pipeline.errors.data import ReadingStopped


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The rests that were taken, in seconds; none is waited for."""
    taken: list[float] = []
    monkeypatch.setattr(Event, "wait", lambda self, seconds=None: taken.append(seconds))
    return taken


@pytest.mark.parametrize(("load", "resting"), [(99.0, True), (50.0, False)])
def test_it_rests_as_long_as_it_has_worked_if_others_are_at_work(
    load: float, resting: bool, rests: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psutil.cpu_percent", lambda: load)
    give_way = GivingWay(Event())
    time.sleep(0.15)
    give_way("Drawing images", 0.5)
    assert (rests != []) is resting
    assert all(0.1 <= each <= 1.0 for each in rests)


def test_it_does_not_rest_after_a_moment_of_work(rests: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psutil.cpu_percent", lambda: 99.0)
    GivingWay(Event())("Drawing images", 0.5)
    assert rests == []


def test_it_ends_work_that_was_stopped() -> None:
    stop = Event()
    give_way = GivingWay(stop)
    give_way("Drawing images", 0.25)
    stop.set()
    with pytest.raises(ReadingStopped, match=r"Stopped while drawing images \(50 of 100 done\)"):
        give_way("Drawing images", 0.5)
