import pytest

from pipeline.metrics.frechet_distance import squared_distance
from pipeline.metrics.frechet_extrapolated import FRECHET_EXTRAPOLATED
from pipeline.metrics.signature import Unmeasurable
from tests.metrics.made_up import normal, sets_of


def test_few_images_are_as_far_apart_as_their_distributions():
    """d² = 4 between the two distributions."""
    one, other = normal(400, [2.0] + [0.0] * 29, [1.0] * 30), normal(400, [0.0] * 30, [1.0] * 30, 1)
    found = FRECHET_EXTRAPOLATED.of(sets_of(one, other))
    assert found.low < 4 < found.high
    assert abs(found.value - 4) < abs(squared_distance(one, other) - 4) / 3


def test_fewer_than_five_images_a_dimension_are_refused():
    with pytest.raises(Unmeasurable, match=r"here 50 generated and held-out ones; there are 49"):
        FRECHET_EXTRAPOLATED.of(sets_of(normal(100, [0.0] * 10, [1.0] * 10), normal(49, [0.0] * 10, [1.0] * 10)))
