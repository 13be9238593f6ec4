"""Promises of time: every run of the tests measures and reports them; `--promises`, on a quiet machine, holds to them.

A busy machine may take any time, so the tests themselves wait generously for what must happen.
"""

from collections.abc import Callable, Iterable

import pytest

Promise = Callable[[str, float, float], None]
"""`promise("a page says that the engine has ended", seconds, 2.0)`: report what was measured and what is promised."""

PROMISE = "promise"
"""The name of the property of a test that holds a promise: (what, seconds measured, seconds promised)."""


def add_option(parser: pytest.Parser) -> None:
    parser.addoption("--promises", action="store_true", help="fail if a promise of time is not kept (quiet machines)")


def promise_of(node: pytest.Item) -> Promise:
    """The `promise` of a test."""

    def promise(what: str, seconds: float, at_most: float) -> None:
        # A property of the test also arrives from the process of another worker.
        node.user_properties.append((PROMISE, (what, seconds, at_most)))
        assert seconds <= at_most or not node.config.getoption("--promises"), _sentence(what, seconds, at_most)

    return promise


def report(reports: Iterable[object], say: Callable[[str], None]) -> None:
    """Say what was measured, of several measurements the longest; nothing if nothing was.

    reports: of the tests, as pytest makes them.
    """
    measured: dict[str, tuple[float, float]] = {}
    for each in reports:
        for name, value in getattr(each, "user_properties", ()) if getattr(each, "when", "") == "call" else ():
            if name == PROMISE:
                what, seconds, at_most = value
                measured[what] = max((seconds, at_most), measured.get(what, (0.0, at_most)))
    if measured:
        say("Promises of time, which only --promises holds to:")
        for what, (seconds, at_most) in measured.items():
            say(f"  {_sentence(what, seconds, at_most)}")


def _sentence(what: str, seconds: float, at_most: float) -> str:
    return f"{what}: {seconds:.3g} s; promised: {at_most:g} s{'' if seconds <= at_most else ' (NOT KEPT)'}"
