"""Whether runs of two processes come back when one is killed (SIGKILL) under `torchrun --max-restarts=3`.

    python -m tests.bench.measure_restarts
    python -m tests.bench.measure_restarts --kills 4 --steps 500 --seed 3

One small run for each kill: process 0 or 1 is killed at a random moment, also before the first step; torchrun starts
both again, and the run goes on to its goal. Then it is compared with a run of two processes that was not killed, bit
for bit. `measured_restarts.txt` has what this printed.
"""

import argparse
import tempfile
from pathlib import Path

from tests.bench.restarts import Restarted, Restarts

STARTING = 5
"""Every so many kills hit a process that is starting."""
HEAD = (
    "kill  process   came       at   resumed   last   lost    first   seconds\n"
    "       killed   back     step      from   step points  differs  to go on"
)


def row(number: int, found: Restarted) -> str:
    resumed = "begun" if found.resumed is None else f"{found.resumed:,}"
    differs = "none" if found.differs is None else f"{found.differs:,}"
    came = "yes" if found.came_back else "NO"
    facts = f"{found.step:>8,} {resumed:>9} {found.last:>6,} {found.lost:>6,} {differs:>8} {found.seconds:>9.0f}"
    return f"{number:>4} {found.process:>8} {came:>6} {facts}  {'' if found.came_back else found.said}".rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10, help="how many runs are killed")
    parser.add_argument("--steps", type=int, default=1000, help="planned steps of each run")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory(prefix="genscope-restarts-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        with Restarts(home, options.steps, options.seed) as restarts:
            print(HEAD, flush=True)
            for number in range(1, options.kills + 1):
                moment = None if number % STARTING == 0 else restarts.pick()
                found.append(restarts.kill((number - 1) % 2, moment))
                print(row(number, found[-1]), flush=True)
    back, lost = sum(each.came_back for each in found), sum(each.lost for each in found)
    differ = [each.differs for each in found if each.differs is not None]
    print(f"{back} of {len(found)} came back: {lost} points lost; first differing loss: {min(differ, default='none')}")


if __name__ == "__main__":
    main()
