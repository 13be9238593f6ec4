"""What the tests rely on: promises of time are reported, signals are set, whatever the machine and the shell do."""

import signal
from types import SimpleNamespace

import pytest

from tests import conftest, promises


class Options:
    """A configuration of pytest with or without --promises."""

    def __init__(self, held: bool) -> None:
        self.getoption = lambda name: held


def measured(seconds: float, *, held: bool) -> list[str]:
    """The lines that are reported for a promise of two seconds."""
    node, lines = SimpleNamespace(config=Options(held), user_properties=[], when="call"), []
    promises.promise_of(node)("a page is drawn", seconds, 2.0)
    promises.report([node], lines.append)
    return lines


def test_a_promise_of_time_is_reported_whether_it_is_kept_or_not() -> None:
    assert measured(1.5, held=False)[1:] == ["  a page is drawn: 1.5 s; promised: 2 s"]
    assert measured(2.5, held=False)[1:] == ["  a page is drawn: 2.5 s; promised: 2 s (NOT KEPT)"]


def test_of_several_measurements_the_longest_is_reported() -> None:
    node, lines = SimpleNamespace(config=Options(False), user_properties=[], when="call"), []
    for seconds in (1.0, 3.0, 2.0):
        promises.promise_of(node)("a page is drawn", seconds, 2.0)
    promises.report([node], lines.append)
    assert lines[1:] == ["  a page is drawn: 3 s; promised: 2 s (NOT KEPT)"]


def test_a_promise_of_time_that_is_not_kept_fails_where_promises_are_held() -> None:
    assert measured(1.5, held=True)
    with pytest.raises(AssertionError, match="promised: 2 s"):
        measured(2.5, held=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_that_a_background_job_ignores_are_restored(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        conftest.pytest_configure()
        assert signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL)
        assert number not in signal.pthread_sigmask(signal.SIG_BLOCK, set())
    finally:
        signal.signal(number, before)
