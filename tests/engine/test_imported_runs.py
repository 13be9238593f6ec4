"""A run that was imported from a bundle goes on exactly as the run from which the bundle was made."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.engine.worker import TrainingWorker
from pipeline.graph.workflow import Workflow
from pipeline.runs.bundles.importing import import_bundle
from pipeline.runs.bundles.writing import write_bundle
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Resume, SetLive
from tests.engine.conftest import RATE, Bench, recorded, same

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]


def test_a_resumed_import_equals_the_resumed_original_bit_for_bit(
    home: Path, tmp_path: Path, small: Callable[..., Workflow]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    first = Bench(TrainingWorker(home, publish=lambda snapshot: None))
    run = first.start(small("training.ema_halflife_images=100"))
    first.chunk(25)
    first.ask(SetLive, **RATE, value=0.003)
    first.chunk(5)
    first.worker.close()
    with Store(home) as store, Store(other, f"sqlite:///{other}/genscope.sqlite") as imported:
        write_bundle(store, [run], tmp_path / "run.zip", checkpoints="last")
        import_bundle(imported, tmp_path / "run.zip", "")

    def gone_on(place: Path) -> tuple[dict[str, torch.Tensor], dict[str, np.ndarray], torch.Tensor]:
        bench = Bench(TrainingWorker(place, publish=lambda snapshot: None))
        bench.worker.obey(Resume(run=run, who="", paused=True))
        bench.chunk(40)
        state = bench.run.trainer.state
        found = dict(bench.weights()), recorded(place, run), state.random.get_state()
        bench.worker.close()
        return found

    original, copy = gone_on(home), gone_on(other)
    assert same(original[0], copy[0]) and torch.equal(original[2], copy[2])
    assert original[1].keys() == copy[1].keys()
    for name in original[1].keys() - {"images_per_second", "seconds"}:
        assert original[1][name].tobytes() == copy[1][name].tobytes(), name
