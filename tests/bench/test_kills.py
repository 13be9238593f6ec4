"""A few of the kills of `measure_kills.py`: nothing is lost by any of them."""

from pathlib import Path

import pytest

from tests.bench.kills import Kills

KINDS = ("engine, in a checkpoint", "engine", "engine, at the end", "both")


@pytest.mark.slow
def test_a_run_whose_processes_are_killed_equals_one_that_was_not(home: Path) -> None:
    with Kills(home, 1000, seed=1) as kills:
        for kind in KINDS:
            found = kills.kill(kind)
            print(found)
            assert (found.last, found.lost, found.differs) == (1000, 0, None)
