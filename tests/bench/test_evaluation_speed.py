"""How long an evaluation of a thousand digits takes, from the command to its answer, with nothing kept from before."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.speed]

ROOT = Path(__file__).parents[2]


def test_a_thousand_images_of_28_by_28_are_evaluated_soon(
    tmp_path: Path, promise: Callable[[str, float, float], None]
) -> None:
    environment = os.environ | {"GENSCOPE_HOME": str(tmp_path / "home")}

    def answer(*words: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "pipeline", *words, "--json"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    answer("train", "pipeline/templates/dcgan.json", "--steps", "20")
    begun = time.monotonic()
    (found,) = answer("evaluate", "latest", "--count", "1000")["evaluations"]
    seconds = time.monotonic() - begun
    measuring = sum(result["seconds"] for result in found["results"].values())
    print(f"\nAll default metrics of 1,000 digits: {seconds:.1f} s, of which {measuring:.1f} s for the metrics")
    assert len(found["results"]) >= 15 and all(result["value"] is not None for result in found["results"].values())
    promise("all default metrics of 1,000 digits are measured", seconds, 20.0)
