"""Scores of real, fake and held-out images: equal to the network's output, without affecting training."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.inspection.scores import histogram_of, score_probe, shown_scores
from pipeline.runs.probe_records import SCORE_BINS, SCORE_GROUPS
from pipeline.training.trainer import Trainer

FLOATS = st.lists(st.floats(width=32), max_size=20)


@pytest.fixture
def trainer(make_experiment):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    trainer.slice(3, seconds=60)
    return trainer


def test_scores_are_the_discriminators_in_eval_mode(trainer):
    scores = shown_scores(trainer)
    networks, images = trainer.state.networks, trainer.experiment.images
    for network in networks.values():
        network.eval()
    with torch.no_grad():
        real = torch.sigmoid(networks["discriminator"](images.train.batch(torch.arange(50))))
        held_out = torch.sigmoid(networks["discriminator"](images.held_out.batch(torch.arange(10))))
    np.testing.assert_allclose(scores["real"], real, rtol=1e-6)
    np.testing.assert_allclose(scores["held-out"], held_out, rtol=1e-6)
    assert len(scores["fake"]) == 256


@pytest.mark.parametrize("family", ["mlp", "dcgan", "wgan-gp"])
def test_scoring_does_not_affect_training(make_experiment, same_bits, family):
    experiment = make_experiment(family)
    plain = Trainer.fresh(experiment)
    plain.slice(4, seconds=60)
    state = plain.capture()
    trainer = Trainer.fresh(experiment)
    for _ in range(4):
        score_probe(trainer)
        trainer.slice(1)
    same_bits(state, trainer.capture())
    assert all(module.training for network in trainer.state.networks.values() for module in network.modules())


def test_scores_of_one_state_are_reproducible(trainer):
    first, second = shown_scores(trainer), shown_scores(trainer)
    assert all(np.array_equal(first[group], second[group]) for group in SCORE_GROUPS)


def test_bins_of_probabilities_are_from_zero_to_one_and_of_critic_scores_fit_the_scores(make_experiment, trainer):
    assert score_probe(trainer).edges[[0, -1]].tolist() == [0, 1]
    critic = Trainer.fresh(make_experiment("wgan-gp"))
    everything = np.concatenate([*shown_scores(critic).values()])
    assert score_probe(critic).edges[[0, -1]].tolist() == [everything.min(), everything.max()]


@given(st.tuples(FLOATS, FLOATS, FLOATS))
def test_every_finite_score_is_counted_once(scores):
    found = histogram_of(dict(zip(SCORE_GROUPS, map(np.array, scores), strict=True)), probability=False)
    assert found.edges.shape == (SCORE_BINS + 1,) and (np.diff(found.edges) >= 0).all()
    for group, values in zip(SCORE_GROUPS, scores, strict=True):
        finite = [value for value in values if np.isfinite(value)]
        assert found.counts[group].sum() == len(finite)
        assert np.isnan(found.means[group]) if not finite else found.means[group] == pytest.approx(np.mean(finite))
