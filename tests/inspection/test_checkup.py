"""The checkup: its measurements are correct and do not affect training."""

from dataclasses import replace
from math import isnan, nan, sqrt, tanh

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist, pdist
from torch import nn

from pipeline.data.images import ImageSet
from pipeline.errors.training import NodeFailure
from pipeline.families.adversarial.family import CHECKUP
from pipeline.inspection.checkup import SampleCheckup
from pipeline.objectives.adversarial import RELATIVISTIC
from pipeline.runs.series import checkup_of, names_of
from pipeline.training.checkup import MOST_IMAGES, spread
from pipeline.training.trainer import Trainer

FAMILIES = ["mlp", "dcgan", "wgan-gp"]


@pytest.fixture
def checked(make_experiment):
    """`checked("dcgan", samples, change)`: the checkup of a new trainer after `change(trainer)`."""

    def measure(family="mlp", samples=None, change=lambda trainer: None, **options):
        trainer = Trainer.fresh(make_experiment(family, **options))
        with torch.no_grad():
            change(trainer)
        drawn = trainer.draw(20, seed=0) if samples is None else samples
        return SampleCheckup(trainer.experiment).measure(trainer, drawn)

    return measure


@pytest.fixture
def real(make_experiment):
    """The experiment's training images in the format of samples: (50, 8, 8, 1) uint8."""
    return make_experiment().images.train.pixels.permute(0, 2, 3, 1).numpy()


def vectors(samples):
    return samples.reshape(len(samples), -1) / 127.5 - 1


def modules_of(trainer, role, kind):
    return [module for module in trainer.state.networks[role].modules() if isinstance(module, kind)]


@pytest.mark.parametrize("weights", ["ema", "raw"])
@pytest.mark.parametrize("family", FAMILIES)
def test_training_with_checkups_equals_training_without_bit_for_bit(make_experiment, same_bits, family, weights):
    experiment = make_experiment(family)
    undisturbed, looking = Trainer.fresh(experiment), Trainer.fresh(experiment)
    torch.manual_seed(0)
    expected = undisturbed.slice(6, seconds=60).values
    untouched = undisturbed.capture()
    torch.manual_seed(0)
    checkup, rows = SampleCheckup(experiment), []
    for _ in range(6):
        checkup.measure(looking, looking.draw(9, seed=0, weights=weights))
        rows.append(looking.slice(1).values)
    series = len(experiment.series)
    assert np.array_equal(expected[:, :series], np.concatenate(rows)[:, :series])
    same_bits(untouched, looking.capture())


def test_a_checkup_in_the_middle_of_a_step_does_not_affect_training(make_experiment, same_bits):
    experiment = make_experiment("dcgan")
    undisturbed, looking = Trainer.fresh(experiment), Trainer.fresh(experiment)
    undisturbed.slice(2, seconds=60)
    checkup = SampleCheckup(experiment)
    for _ in range(2):
        for _ in looking.stages():
            checkup.measure(looking, looking.draw(4, seed=0))
    same_bits(undisturbed.capture(), looking.capture())


def test_networks_are_restored_even_if_one_fails(make_experiment):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    modules = [module for network in trainer.state.networks.values() for module in network.modules()]
    modules[1].eval()
    before = [module.training for module in modules]
    with pytest.raises(NodeFailure, match="measure its checkup"):
        SampleCheckup(trainer.experiment).measure(trainer, np.zeros((3, 9, 9, 1), np.uint8))
    assert [module.training for module in modules] == before
    assert not any(module._forward_hooks for module in modules)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_state_gives_the_same_numbers(checked, family):
    first = checked(family)
    assert tuple(first) == names_of(checkup_of(*CHECKUP))
    np.testing.assert_equal(first, checked(family))
    assert {name for name, value in first.items() if isnan(value)} == ({"r_t"} if family == "wgan-gp" else set())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_distances_equal_scipys(checked, real, seed):
    random = np.random.default_rng(seed)
    samples = random.integers(0, 255, (random.integers(2, 40), 8, 8, 1), np.uint8, endpoint=True) // (seed + 1)
    among, between = pdist(vectors(samples)).mean(), cdist(vectors(samples), vectors(real)).mean()
    among_real = pdist(vectors(real)).mean()
    found = checked(samples=samples)
    assert found["diversity"] == pytest.approx(among / among_real, rel=1e-5)
    assert found["energy_distance"] == pytest.approx((2 * between - among - among_real) / sqrt(64), abs=1e-5)


def test_real_images_as_samples_have_diversity_one_and_distance_zero(checked, real):
    found = checked(samples=real)
    assert found["diversity"] == pytest.approx(1)
    assert -0.05 < found["energy_distance"] < 0


def test_equal_samples_have_no_diversity_and_a_positive_distance(checked, real):
    found = checked(samples=np.repeat(real[:1], 30, axis=0))
    assert found["diversity"] == 0
    assert found["energy_distance"] > 0.3


def test_the_diversity_of_a_single_sample_is_nan(checked, real):
    found = checked(samples=real[:1])
    assert isnan(found["diversity"])
    assert isnan(found["energy_distance"])


def test_of_many_samples_the_first_are_measured(checked, real):
    many = np.concatenate([np.tile(real, (3, 1, 1, 1))[:MOST_IMAGES], np.zeros((100, 8, 8, 1), np.uint8)])
    assert checked(samples=many) == checked(samples=many[:MOST_IMAGES])


def test_scores_of_training_and_held_out_images_are_in_eval_mode(make_experiment):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    trainer.slice(5, seconds=60)
    found = SampleCheckup(trainer.experiment).measure(trainer, trainer.draw(4, seed=0))
    discriminator, images = trainer.state.networks["discriminator"].eval(), trainer.experiment.images
    with torch.no_grad():
        train = discriminator(images.train.batch(torch.arange(50)))
        held_out = discriminator(images.held_out.batch(torch.arange(10)))
    assert found["D_train"] == pytest.approx(torch.sigmoid(train).mean().item())
    assert found["D_held_out"] == pytest.approx(torch.sigmoid(held_out).mean().item())
    assert found["r_t"] == pytest.approx((train > 0).float().mean().item() - (train < 0).float().mean().item())


@pytest.mark.parametrize("logit", [-3.0, 0.5])
def test_a_discriminator_with_equal_scores_for_all_images(checked, logit):
    def decide(trainer):
        last = modules_of(trainer, "discriminator", nn.Linear)[-1]
        last.weight.zero_()
        last.bias.fill_(logit)

    probability = (1 + tanh(logit / 2)) / 2
    found = checked("mlp", change=decide)
    assert found["D_train"] == found["D_held_out"] == pytest.approx(probability)
    assert found["r_t"] == np.sign(logit)
    critic = checked("mlp", change=decide, loss=RELATIVISTIC)
    assert critic["D_train"] == critic["D_held_out"] == logit
    assert isnan(critic["r_t"])


def test_the_layer_with_the_largest_share_of_dead_units_counts(checked):
    def kill(trainer):
        (normalization,) = modules_of(trainer, "generator", nn.BatchNorm2d)
        (convolution,) = modules_of(trainer, "discriminator", nn.Conv2d)
        for layer, dead, bias in ((normalization, 3, -1), (convolution, 1, 0)):  # of 8 and of 4 channels
            layer.weight[:dead] = 0
            layer.bias[:dead] = bias

    assert checked("dcgan")["dead_units"] == 0
    assert checked("dcgan", change=kill)["dead_units"] == pytest.approx(3 / 8)


@pytest.mark.parametrize(("white", "share"), [(False, 1 / 16), (True, 0)])
def test_a_unit_that_is_active_only_for_generated_images_is_not_dead(checked, white, share):
    def fire_for_white_alone(trainer):
        for rectifier in modules_of(trainer, "discriminator", nn.LeakyReLU):
            rectifier.negative_slope = 0.0
        first, second = modules_of(trainer, "discriminator", nn.Linear)[:2]
        first.weight[0], first.bias[0] = 1 / 64, -0.9
        second.bias.fill_(10)  # the units of the second layer are never 0

    samples = np.full((3, 8, 8, 1), 255 if white else 0, np.uint8)
    assert checked("mlp", samples, fire_for_white_alone)["dead_units"] == pytest.approx(share)


def test_a_discriminator_that_is_not_finite_has_no_scores_and_raises_nothing(checked):
    def spoil(trainer):
        modules_of(trainer, "discriminator", nn.Linear)[0].weight.fill_(nan)

    found = checked("mlp", change=spoil)
    assert isnan(found["D_train"])
    assert found["dead_units"] == 0


def test_real_images_are_taken_evenly_from_a_sorted_set():
    pixels = torch.zeros(1000, 1, 4, 4, dtype=torch.uint8)
    pixels[900:] = 255
    chosen, labels = spread(ImageSet(pixels, (pixels[:, 0, 0, 0] > 0).long()))
    assert chosen.shape == (MOST_IMAGES, 1, 4, 4)
    assert (chosen == 1).float().mean().item() == pytest.approx(0.1, abs=0.01)
    assert torch.equal(labels, (chosen[:, 0, 0, 0] == 1).long())


@pytest.mark.parametrize("family", ["mlp", "dcgan"])
def test_without_held_out_images_only_the_held_out_score_is_missing(make_experiment, family):
    trainer = Trainer.fresh(make_experiment(family, held_out=0))
    found = SampleCheckup(trainer.experiment).measure(trainer, trainer.draw(20, seed=0))
    assert isnan(found["D_held_out"])
    assert not any(isnan(value) for name, value in found.items() if name != "D_held_out")


class Measuring:
    """A family's checkup that returns these numbers."""

    def __init__(self, checkup, **found):
        self.train, self.found = checkup.train, found

    def measure(self, networks, samples, labels):
        return {name: torch.tensor(value) for name, value in self.found.items()}


def measured_by(experiment, measures, **found):
    experiment = replace(experiment, measures=measures, checkup=Measuring(experiment.checkup, **found))
    trainer = Trainer.fresh(experiment)
    return SampleCheckup(experiment).measure(trainer, trainer.draw(4, seed=0))


def test_only_the_declared_measurements_of_a_family_are_used(make_experiment):
    found = measured_by(make_experiment(), ("a", "b"), b=2.0, seconds=9.0, D_loss=9.0, diversity=9.0, a=1.0)
    assert list(found) == ["diversity", "energy_distance", "a", "b", "dead_units"]
    assert (found["a"], found["b"]) == (1.0, 2.0) and found["diversity"] != 9.0


def test_a_missing_declared_measurement_is_named(make_experiment):
    with pytest.raises(NodeFailure, match="failed to measure its checkup: the declared series 'b' was not measured"):
        measured_by(make_experiment(), ("a", "b"), a=1.0)


def test_a_sampler_that_changes_its_latents_gets_new_ones_at_the_next_checkup(make_experiment):
    experiment = make_experiment()
    sampler, steps = experiment.sampler, type(experiment.sampler).steps

    class Wasteful(type(sampler)):  # type: ignore[misc]
        def steps(self, networks, latents):
            yield from steps(self, networks, latents)
            latents.values.zero_()

    sampler.__class__ = Wasteful
    checkup, trainer = SampleCheckup(experiment), Trainer.fresh(experiment)
    samples = trainer.draw(4, seed=0)
    assert checkup.measure(trainer, samples) == checkup.measure(trainer, samples)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (torch.tensor(1j), "'a' is a complex number"),
        (torch.zeros(3), r"shape '\[\]' is invalid"),
        (np.float64(3), "'a' is of the type float64, not a tensor"),
        (None, "'a' is of the type NoneType, not a tensor"),
    ],
)
def test_a_measurement_that_is_not_a_number_is_reported(make_experiment, monkeypatch, found, sentence):
    monkeypatch.setattr(Measuring, "measure", lambda *_: {"a": found})
    with pytest.raises(NodeFailure, match=f"failed to measure its checkup: {sentence}"):
        measured_by(make_experiment(), ("a",))


def test_samples_of_another_shape_than_the_images_are_reported(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    samples = np.zeros((4, 4, 4, 1), np.uint8)
    with pytest.raises(NodeFailure, match=r"its samples have the shape \(1, 4, 4\), .* images have \(1, 8, 8\)"):
        SampleCheckup(trainer.experiment).measure(trainer, samples)
