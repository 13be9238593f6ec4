"""Invalid results of stages, and unusual experiments."""

from dataclasses import replace

import pytest
import torch

from pipeline.errors.training import NodeFailure, NotFinite
from pipeline.training.trainer import Trainer
from tests.training.test_trainer import with_operation


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (torch.tensor(1j), "'D_real' is a complex number, but metrics must be real"),
        (torch.zeros((), device="meta"), "Cannot copy out of meta tensor"),
        (torch.zeros(2), "shape '\\[\\]' is invalid for input of size 2"),
    ],
)
def test_an_invalid_metric_is_reported_with_its_stage(make_experiment, value, sentence):
    trainer = Trainer.fresh(with_operation(make_experiment(), 0, "score real", lambda state, made: {"D_real": value}))
    with pytest.raises(NodeFailure, match=f"'discriminator' failed to run its stage 'score real': .*{sentence}"):
        trainer.step()


def test_a_number_beyond_the_range_of_float32_is_not_finite(make_experiment):
    experiment = make_experiment()
    score = next(o.run for o in experiment.updates[0].operations if o.name == "score real")

    def spoil(state, made):
        return {**score(state, made), "D_loss_of_old": torch.tensor(1e300, dtype=torch.float64)}

    experiment = replace(experiment, series=(*experiment.series, "D_loss_of_old"))
    with pytest.raises(NotFinite, match="D_loss_of_old became NaN or infinite at step 1"):
        Trainer.fresh(with_operation(experiment, 0, "score real", spoil)).step()


def test_a_tensor_needs_a_name(make_experiment):
    experiment = with_operation(make_experiment(), 0, "score real", lambda state, made: {3: torch.zeros(())})
    with pytest.raises(NodeFailure, match="it made 3, a Tensor, instead of a named tensor"):
        Trainer.fresh(experiment).step()


def test_a_step_without_stages_fails_instead_of_looping_forever(make_experiment):
    experiment = make_experiment()
    idle = tuple(replace(update, repeats="training.times") for update in experiment.updates)
    trainer = Trainer.fresh(replace(experiment, updates=idle, live={**experiment.live, "training.times": 0.0}))
    with pytest.raises(NodeFailure, match="'training' failed to train a step: no update has a stage to run"):
        trainer.slice(5, seconds=60)
    trainer.set_live("training.times", 1.0)
    assert trainer.slice(2, seconds=60).steps == 2


def test_modules_shared_by_two_networks_stay_shared(make_experiment):
    experiment = make_experiment()
    generator, discriminator = experiment.networks["generator"], experiment.networks["discriminator"]
    generator.common = discriminator.common = torch.nn.Linear(2, 2)
    state = Trainer.fresh(experiment).state
    assert state.networks["generator"].common is state.networks["discriminator"].common
    assert state.networks["generator"].common is not generator.common
