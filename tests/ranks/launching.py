"""Start two processes by torchrun and read what they found."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def in_two_processes(result: Path, cases: Iterable[str], device: str = "cpu") -> dict[str, Any]:
    """What `tests.ranks.together` writes for these cases. Raises RuntimeError with what the processes said."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*torchrun, "-m", "tests.ranks.together", str(result), device, *cases],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stdout)
    found: dict[str, Any] = json.loads(result.read_text())
    return found
