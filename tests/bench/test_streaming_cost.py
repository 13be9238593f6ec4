"""The cost of streaming images for a training step, as done when the device has no room for them.

The default template trains alternately with resident and with streamed images, on one thread. The test fails only if
the bound is outside the measured range.
"""

import statistics
import time
from pathlib import Path

import pytest

from pipeline.data.device_placement import SETTING
from pipeline.nodes.assemble import assemble
from pipeline.studio import workflows
from pipeline.training.trainer import Trainer

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]

ROUNDS, STEPS = 9, 8


def trainer(home: Path) -> Trainer:
    """A trainer of the default template, after its first steps, which are slower."""
    made = Trainer.fresh(assemble(workflows.open_template("dcgan"), home, device="cpu"))
    made.slice(5, seconds=60)
    return made


def seconds(trainer: Trainer) -> float:
    begun = time.perf_counter()
    trainer.slice(STEPS, seconds=600)
    return time.perf_counter() - begun


def test_streaming_does_not_stall_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resident = trainer(tmp_path)
    monkeypatch.setenv(SETTING, "0")
    streamed = trainer(tmp_path)
    assert streamed.experiment.images.train.streaming and not resident.experiment.images.train.streaming
    ratios = []
    for _ in range(ROUNDS):
        spent = [seconds(each) for each in (resident, streamed, streamed, resident)]
        ratios.append((spent[1] + spent[2]) / (spent[0] + spent[3]))
    ratio, error = statistics.median(ratios), 1.25 * statistics.stdev(ratios) / ROUNDS**0.5
    print(f"\na step with streamed images: {ratio:.3f} ± {error:.3f} of the time with resident ones")
    assert ratio - 2 * error <= 1.02
