import numpy as np
import pytest
from scipy.stats import entropy

from pipeline.metrics.classifier_score import CLASSIFIER_SCORE
from pipeline.metrics.signature import Images, Sets, Unmeasurable


def sets_with(probabilities):
    chances = np.asarray(probabilities, np.float32)
    images = Images(np.zeros((len(chances), 1), np.float32), probabilities=chances)
    return Sets(images, images, images)


def test_sure_and_even_classes_score_their_number_and_guesses_one():
    assert CLASSIFIER_SCORE.of(sets_with(np.eye(4)[[0, 1, 2, 3] * 5])).value == pytest.approx(4)
    assert CLASSIFIER_SCORE.of(sets_with(np.full((9, 4), 0.25))).value == pytest.approx(1)


def test_it_is_the_exponential_of_scipys_mean_divergence():
    chances = np.random.default_rng(0).dirichlet(np.full(10, 0.1), 500).astype(np.float32)
    expected = np.exp(entropy(chances.T, chances.mean(0)[:, None]).mean())
    assert CLASSIFIER_SCORE.of(sets_with(chances)).value == pytest.approx(expected, rel=1e-5)


def test_features_without_classes_are_refused():
    images = Images(np.zeros((3, 1), np.float32))
    with pytest.raises(Unmeasurable, match="know no classes"):
        CLASSIFIER_SCORE.of(Sets(images, images, images))
