"""More images or larger networks would help, by the scores of held-out images."""

from dataclasses import replace

import pytest

from pipeline.families.adversarial.hints.generalisation import networks_too_small, too_few_images
from pipeline.health.facts import Facts
from tests.health.made_up import codes_of

KNOWN = {"D_train": 0.7, "D_held_out": [0.45, 0.46] * 10, "r_t": 0.4}
PLATEAU = {"energy_distance": [0.2, 0.21] * 10, "D_train": [0.7, 0.71] * 10, "D_held_out": [0.69, 0.7] * 10}


@pytest.fixture
def of(run):
    """`of(1000, D_held_out=…)`: a healthy history with this number of training images, except for these series."""

    def make(images, **changes):
        facts = Facts(train_images=images, weights={"generator": 12_345, "discriminator": 678})
        plain = {name: [value] * 20 if isinstance(value, float) else value for name, value in changes.items()}
        return replace(run(**plain), facts=facts)

    return make


def test_held_out_images_that_score_much_lower_say_that_there_are_too_few(of, only):
    hint = only(of(1234, **KNOWN), "too-few-images")
    assert hint.severity == "info" and hint.evidence["images"] == 1234
    assert hint.evidence["r_v"] == pytest.approx((0.7 - 0.455) / (0.7 - 0.22), abs=0.03)


@pytest.mark.parametrize(
    ("images", "changes"),
    [(50_000, {}), (None, {}), (1234, {"D_held_out": 0.68}), (1234, {"r_t": 0.9})],
    ids=["many images", "an unknown number", "no gap", "another hint says that it overfits"],
)
def test_many_images_or_similar_scores_do_not(of, images, changes):
    assert codes_of(of(images, **(KNOWN | changes)), [too_few_images]) == []


def test_images_that_stay_unlike_real_ones_without_a_gap_say_that_the_networks_are_too_small(of, only):
    hint = only(of(60_000, **PLATEAU), "network-too-small")
    assert "with 12,345 in the generator and 678 in the discriminator as trained weights" in hint.text


@pytest.mark.parametrize(
    "changes",
    [{"energy_distance": [0.02, 0.021] * 10}, {"D_held_out": [0.45, 0.46] * 10}, {"diversity": 0.3}],
    ids=["like real ones", "a gap", "collapsed"],
)
def test_otherwise_they_may_be_large_enough(of, changes):
    assert codes_of(of(60_000, **(PLATEAU | changes)), [networks_too_small]) == []
