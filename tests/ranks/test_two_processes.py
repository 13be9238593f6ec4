"""Two processes under torchrun train what one trains on the joint batch.

All they do is in `together.py`, in one launch; `tests/bench/measured_ranks.txt` has the differences of every case.
"""

import pytest

from tests.ranks.cases import BOUNDS, CASES, GRADIENT_BOUND, OPTIMIZERS
from tests.ranks.launching import in_two_processes

KINDS = [name for name, case in CASES.items() if case.tested]

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return in_two_processes(tmp_path_factory.mktemp("ranks") / "found.json", KINDS)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", KINDS)
def test_two_processes_train_what_one_trains_on_the_joint_batch(found, name, optimizer):
    case = found["cases"][f"{name} / {optimizer}"]
    gradient, of = case["gradients"]
    assert gradient < GRADIENT_BOUND, of
    weight, of = case["weights"]
    assert weight < BOUNDS[optimizer], of
    # They do compute something else: sums in another order.
    assert weight > 0


def test_means_and_lists_over_the_processes_are_the_same_in_each(found):
    for own in found["parts"]["sums"]:
        assert own["mean"] == [1.5, 3.0]
        assert own["gathered"] == [[1.0, 2.0], [2.0, 4.0]]
        assert own["averaged"] == [[1.5, 3.0], [[1.5]]]
        # Exact, where float64 could not tell them apart.
        assert own["bits"] == [2**62 + 1, 2**62 + 2]


def test_averaged_derivatives_of_a_mean_over_the_processes_are_those_of_the_mean(found):
    # The mean of w · 1 and w · 3 is 2w, whose cube has the derivatives 24w² and 48w.
    assert found["parts"]["derivatives"] == [[96.0, 96.0]] * 2


def test_normalization_of_two_shares_is_torchs_of_the_whole_batch_in_value_gradients_and_statistics(found):
    for own in found["parts"]["batch_norm"]:
        assert len(own) == 6
        assert max(own.values()) < 2e-6


def test_dropout_of_two_shares_is_torchs_of_the_whole_batch_bit_by_bit(found):
    for own in found["parts"]["dropout"]:
        assert len(own) == 8
        assert all(own.values()), own


def test_what_a_custom_layer_keeps_of_its_images_is_averaged(found):
    (both, alone), (other, _) = found["parts"]["custom_statistics"]
    assert both == other
    assert both == pytest.approx(alone, rel=1e-6)


def test_processes_that_hold_other_weights_or_random_numbers_are_told_apart(found):
    first, second = found["parts"]["drift"]
    assert first == second
    same, weights, random = first
    assert same == ""
    assert weights.startswith("At step 2, the weights of the generator in process 1 differ from those in process 0")
    assert random.startswith("At step 2, the random numbers of dropout in process 1 differ")


def test_an_image_that_is_not_finite_is_named_by_the_process_that_sees_it(found):
    mean = "the gradient of encoder.linear_1.weight, the mean over 2 processes"
    second_image = {"name": "real", "batch": 12, "rows": [1], "facts": ["image 2 of the batch"]}
    ninth_image = {"name": "real", "batch": 12, "rows": [8], "facts": ["image 9 of the batch"]}
    elsewhere = {"name": mean, "batch": 12, "rows": [], "facts": []}
    assert found["parts"]["not_finite"] == [[second_image, elsewhere], [elsewhere, ninth_image]]
