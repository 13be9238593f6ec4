"""What is lost when the engine, the server or both are killed (SIGKILL) while a run is trained.

    python -m tests.bench.measure_kills
    python -m tests.bench.measure_kills --kills 10 --steps 1000 --seed 3

One small run for each kill, on one thread: something is killed at a random moment, the run is resumed as a user does
it, and goes on to its planned end. Then it is compared with a run that was not killed: each metric of each step, each
measurement and each sample grid, exactly once and bit for bit. `measured_kills.txt` has what this printed.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.kills import Killed, Kills

KINDS_IN_TURN = (
    "engine", "engine, in a checkpoint", "both", "server", "engine", "engine, in a checkpoint",
    "engine, also in the resume", "both", "engine, at the end", "engine, in a checkpoint",
)  # fmt: skip
LONG = 17
"""Every so many kills, the server stays away until the engine has ended, which takes it ten seconds."""


def kinds(kills: int) -> Iterator[str]:
    """What is killed, one after the other."""
    for number in range(kills):
        yield "server, for long" if number % LONG == LONG - 1 else KINDS_IN_TURN[number % len(KINDS_IN_TURN)]


def row(number: int, found: Killed) -> str:
    resumed = "–" if found.resumed is None else f"{found.resumed:,}"
    differs = "none" if found.differs is None else f"{found.differs:,}"
    facts = f"{found.step:>6,} {resumed:>9} {found.last:>6,} {found.lost:>6,} {differs:>8}"
    return f"{number:>4}  {found.kind:<27} {facts}  {found.detail}".rstrip()


HEAD = f"kill  {'killed':<27} {'at':>6} {'resumed':>9} {'last':>6} {'lost':>6} {'first':>8}\n" + (
    f"      {'':<27} {'step':>6} {'from':>9} {'step':>6} {'points':>6} {'differs':>8}"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="how many runs are killed")
    parser.add_argument("--steps", type=int, default=3000, help="planned steps of each run")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    options = parser.parse_args()
    found = []
    with (
        tempfile.TemporaryDirectory(prefix="genscope-kills-") as home,
        Kills(Path(home), options.steps, options.seed) as kills,
    ):
        print(HEAD, flush=True)
        for number, kind in enumerate(kinds(options.kills), start=1):
            found.append(kills.kill(kind))
            print(row(number, found[-1]), flush=True)
    lost, differ = sum(each.lost for each in found), [each.differs for each in found if each.differs is not None]
    print(f"{len(found)} kills: {lost} points lost; first differing loss: {min(differ, default='none')}")


if __name__ == "__main__":
    main()
