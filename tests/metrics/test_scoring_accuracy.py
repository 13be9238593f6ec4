import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_curve

from pipeline.metrics.scoring_accuracy import SCORING_ACCURACY, best_threshold
from pipeline.metrics.signature import Sets
from tests.metrics.test_scoring_auc import with_scores

RANDOM = np.random.default_rng(0)
MADE, REAL, KNOWN = RANDOM.normal(-0.5, 1, 80), RANDOM.normal(0.5, 1, 50), RANDOM.normal(3, 1, 90)


def test_for_logits_it_is_scikit_learns_balanced_accuracy_at_zero():
    found = SCORING_ACCURACY.of(Sets(with_scores(MADE), with_scores(REAL), with_scores(KNOWN), probability=True))
    expected = balanced_accuracy_score([0] * 80 + [1] * 50, [*(MADE > 0), *(REAL > 0)])
    assert found.value == pytest.approx(expected) and found.low < expected < found.high
    assert found.details["threshold"] == 0


def test_other_scores_are_judged_where_training_and_generated_images_come_apart():
    found = SCORING_ACCURACY.of(Sets(with_scores(MADE), with_scores(REAL), with_scores(KNOWN)))
    wrong, right, thresholds = roc_curve([0] * 80 + [1] * 90, [*MADE, *KNOWN])
    best, threshold = np.argmax(right - wrong), found.details["threshold"]
    # scikit-learn's threshold is the lowest score that counts as real, ours lies just below it.
    assert (
        np.nextafter(threshold, 9) < thresholds[best] and not ((thresholds[best] > KNOWN) & (threshold < KNOWN)).any()
    )
    assert found.details["right, held out"] == pytest.approx((threshold < REAL).mean())
    assert found.details["right, generated"] == pytest.approx(1 - wrong[best])


def test_scores_that_say_nothing_have_a_threshold_all_the_same():
    assert np.isfinite(best_threshold(np.zeros(3, np.float32), np.zeros(3, np.float32)))
