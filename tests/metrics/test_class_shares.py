import numpy as np
import pytest

from pipeline.metrics.class_shares import CLASS_SHARES, MISSING_MODES
from pipeline.metrics.signature import Images, Sets


def of_classes(counts):
    chances = np.repeat(np.eye(len(counts), dtype=np.float32), counts, axis=0)
    return Images(np.zeros((len(chances), 1), np.float32), probabilities=chances)


def test_it_is_half_the_sum_of_differences_and_names_every_class():
    real = of_classes([50, 30, 20])
    found = CLASS_SHARES.of(Sets(of_classes([90, 10, 0]), real, real, ("cat", "dog", "fox")))
    assert found.value == pytest.approx((0.4 + 0.2 + 0.2) / 2)
    assert found.low < found.value < found.high
    assert found.details["share of cat"] == 0.9 and found.details["real share of dog"] == pytest.approx(0.3)


def test_a_class_with_less_than_a_tenth_of_its_real_share_is_missing():
    real = of_classes([50, 30, 20, 0])
    found = CLASS_SHARES.of(Sets(of_classes([941, 40, 19, 0]), real, real))
    assert found.details[MISSING_MODES] == 1
    assert "share of 3" in found.details
