"""Promises of time: every run of the tests measures and reports them; `--promises`, on a quiet machine, holds to them.

A busy machine may take any time, so the tests themselves wait generously for what must happen.
"""

from collections.abc import Callable

import pytest

Promise = Callable[[str, float, float], None]
"""`promise("a killed engine is told of", seconds, 2.0)`: report what was measured and what is promised, in seconds."""

MEASURED = pytest.StashKey[list[str]]()


def add_option(parser: pytest.Parser) -> None:
    parser.addoption("--promises", action="store_true", help="fail if a promise of time is not kept (quiet machines)")


def promise_of(node: pytest.Item) -> Promise:
    """The `promise` of a test."""

    def promise(what: str, seconds: float, at_most: float) -> None:
        kept = seconds <= at_most
        sentence = f"{what}: {seconds:.3g} s; promised: {at_most:g} s{'' if kept else ' (NOT KEPT)'}"
        node.user_properties.append(("promise", sentence))
        node.config.stash.setdefault(MEASURED, []).append(sentence)
        assert kept or not node.config.getoption("--promises"), sentence

    return promise


def report(config: pytest.Config, say: Callable[[str], None]) -> None:
    """Say what was measured; nothing if nothing was."""
    measured = config.stash.get(MEASURED, [])
    if measured:
        say("Promises of time, which only --promises holds to:")
        for sentence in measured:
            say(f"  {sentence}")
