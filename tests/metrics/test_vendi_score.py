import numpy as np
import pytest
from scipy.linalg import eigvalsh
from scipy.stats import entropy

from pipeline.metrics.signature import Unmeasurable
from pipeline.metrics.vendi_score import VENDI_SCORE, vendi
from tests.metrics.made_up import normal, sets_of


def test_equal_images_count_as_one_and_orthogonal_ones_each():
    assert vendi(np.full((7, 3), 2.0, np.float32))[0] == pytest.approx(1)
    assert vendi(np.repeat(np.eye(5, 9, dtype=np.float32), 4, 0) * 3)[0] == pytest.approx(5)


@pytest.mark.parametrize("shape", [(40, 6), (6, 40)], ids=["more images", "more dimensions"])
def test_it_is_the_entropy_of_scipys_eigenvalues(shape):
    features = np.random.default_rng(0).normal(1, 1, shape).astype(np.float32)
    rows = features / np.linalg.norm(features, axis=1, keepdims=True)
    expected = np.exp(entropy(eigvalsh(rows @ rows.T / len(rows)).clip(1e-12)))
    assert vendi(features)[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("shape", [(300, 5), (100, 200)], ids=["more images", "more dimensions"])
def test_its_error_is_that_of_other_images_from_the_same_distribution(shape):
    drawn = [normal(shape[0], [0.0] * shape[1], np.geomspace(1, 0.01, shape[1]), seed) for seed in range(30)]
    found = [VENDI_SCORE.of(sets_of(features, normal(3))) for features in drawn]
    error = np.mean([each.high - each.value for each in found]) / 1.96
    assert error == pytest.approx(np.std([each.value for each in found]), rel=0.4)


def test_features_of_zeros_are_refused():
    with pytest.raises(Unmeasurable, match="All features are zero"):
        vendi(np.zeros((4, 3), np.float32))
