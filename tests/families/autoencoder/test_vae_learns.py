"""On real digits, a variational autoencoder learns, and one with a far too large beta collapses."""

import numpy as np
import pytest
import torch

from pipeline.families.autoencoder.family import AUTOENCODER
from pipeline.graph.edit import apply_settings
from pipeline.health.history import History
from pipeline.health.rules import hints
from pipeline.inspection.checkup import SampleCheckup
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.runs.metrics import CLOCK_SERIES
from pipeline.studio.workflows import open_template
from pipeline.training.trainer import Trainer

EVERY = 50
SMALL = ("data.dataset=digits", "decoder.image_size=8", "encoder.base_channels=8", "decoder.base_channels=8")


@pytest.fixture
def learnt(tmp_path_factory):
    """`learnt(steps, *settings)`: train the template for this many steps; its history and last checkup."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)

    def train(steps, *settings):
        workflow = apply_settings(open_template("vae"), settings, NODES)
        trainer = Trainer.fresh(assemble(workflow, tmp_path_factory.mktemp("home"), device="cpu"))
        checkup = SampleCheckup(trainer.experiment)
        series = {name: [] for name in (*trainer.experiment.series, *CLOCK_SERIES)}
        found = {}
        for _ in range(0, steps, EVERY):
            done = trainer.slice(EVERY, seconds=600)
            found = checkup.measure(trainer, trainer.draw(16, seed=0))
            for name, column in zip(done.names, done.values.T, strict=True):
                series[name] += column.tolist()
            for name, value in found.items():
                # A checkup's values are recorded with the steps after it; here, with the steps before it.
                series.setdefault(name, []).extend([value] * EVERY)
        columns = {name: np.array(each) for name, each in series.items()}
        made = trainer.experiment.series
        return History(np.arange(1, steps + 1), columns, "critic", checkup=tuple(found), trained=made), found

    yield train
    torch.set_num_threads(before)


def test_held_out_images_are_reconstructed_better_than_by_the_mean_image(learnt):
    history, found = learnt(200, *SMALL)
    assert found["held_out_reconstruction"] < 0.9 * found["mean_image_error"]
    assert history.series["kl"][-50:].min() > 3
    assert found["active_units"] >= 3


@pytest.mark.slow
def test_full_size_digits_are_reconstructed_far_better_than_by_the_mean_image(learnt):
    history, found = learnt(300)
    assert found["held_out_reconstruction"] < 0.7 * found["mean_image_error"]
    assert history.series["kl"][-50:].min() > 10
    assert found["active_units"] >= 10
    assert hints(history, AUTOENCODER.health_rules) == ()


@pytest.mark.slow
def test_a_run_with_a_far_too_large_beta_collapses_and_gets_a_hint(learnt):
    history, found = learnt(400, *SMALL, "objective.beta=100", "objective.kl_warmup_steps=0")
    assert found["held_out_reconstruction"] > 0.95 * found["mean_image_error"]
    (hint,) = hints(history, AUTOENCODER.health_rules)
    assert hint.code == "posterior-collapse"
    assert found["active_units"] == 0
