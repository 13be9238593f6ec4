import pytest

from pipeline.metrics.precision import PRECISION
from pipeline.metrics.recall import RECALL
from tests.metrics.made_up import normal, sets_of


def test_it_is_precision_with_the_sets_exchanged():
    one, other = normal(300, (1.0, 0.0)), normal(200, seed=1)
    found, exchanged = RECALL.of(sets_of(one, other)), PRECISION.of(sets_of(other, one))
    assert found.value == exchanged.value
    assert (found.generated, found.real) == (300, 200)


def test_copies_of_one_good_image_are_precise_and_recall_nothing():
    sets = sets_of([[0.0, 0.0]] * 100, normal(100))
    assert (PRECISION.of(sets).value, RECALL.of(sets).value) == (1, 0)


def test_half_of_two_groups_is_half_recalled():
    real = [*normal(50), *normal(50, (100.0, 0.0), seed=1)]
    assert RECALL.of(sets_of(normal(100, seed=2), real)).value == pytest.approx(0.5, abs=0.1)
