"""One process writes a run for a minute as fast as it can, and eight read it meanwhile, all on one home.

    python -m tests.bench.measure_readers
    python -m tests.bench.measure_readers --seconds 10 --readers 2

Prints how many steps were written and how often the run was read whole; what any process found wrong; what was lost.
"""

import argparse
import tempfile
from pathlib import Path

from tests.bench.readers import read_while_writing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--readers", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="genscope-readers-") as home:
        found = read_while_writing(Path(home), options.seconds, options.readers)
    print(f"{found.written:,} steps and {found.measured:,} measurements written in {options.seconds:g} s")
    print(f"{found.read:,} times read whole by {options.readers} processes; slowest write {found.slowest:.2f} s")
    print(f"{len(found.faults)} errors, {found.lost} points lost", *found.faults, sep="\n")


if __name__ == "__main__":
    main()
