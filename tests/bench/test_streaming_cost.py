"""The cost of streaming images for a training step, as done when the device has no room for them.

The default template trains alternately with resident and with streamed images, on one thread. The test fails only if
the bound is outside the measured range.
"""

import os
import statistics
import time
from pathlib import Path

import pytest

from pipeline.data.device_placement import SETTING
from pipeline.nodes.assemble import assemble
from pipeline.studio import workflows
from pipeline.training.trainer import Trainer
from tests.bench.load import OtherLoad

pytestmark = [pytest.mark.long, pytest.mark.speed, pytest.mark.usefixtures("one_thread")]

ROUNDS, MOST_ROUNDS, STEPS = 9, 36, 8
DISTURBED = 0.1
"""The share of all cores that other programs take when they disturb the measurement."""


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
    load, ratios, others = OtherLoad(os.getpid()), [], []
    # More rounds while the median is too large: other programs that start and end make single rounds slow.
    while len(ratios) < ROUNDS or (len(ratios) < MOST_ROUNDS and statistics.median(ratios) > 1.02):
        load.restart()
        spent = [seconds(each) for each in (resident, streamed, streamed, resident)]
        others.append(load.share())
        ratios.append((spent[1] + spent[2]) / (spent[0] + spent[3]))
    ratio, error = statistics.median(ratios), 1.25 * statistics.stdev(ratios) / len(ratios) ** 0.5
    measured = f"a step with streamed images: {ratio:.3f} ± {error:.3f} of the time with resident ones"
    print(f"\n{measured}")
    if ratio - 2 * error > 1.02 and statistics.median(others) > DISTURBED:
        # The next images are read on a second core, which other programs have taken.
        pytest.skip(f"other programs took {statistics.median(others):.0%} of the cores: {measured}")
    assert ratio - 2 * error <= 1.02, measured
