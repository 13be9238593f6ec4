from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pipeline.metrics.scoring_auc import SCORING_AUC
from pipeline.metrics.signature import Sets, Unmeasurable
from tests.metrics.made_up import full


def with_scores(scores):
    return replace(full(len(scores)), scores=np.asarray(scores, np.float32))


def test_it_is_scikit_learns_area_also_with_ties():
    random = np.random.default_rng(0)
    made, real = random.normal(size=80).round(1), random.normal(1, 1, 50).round(1)
    found = SCORING_AUC.of(Sets(with_scores(made), with_scores(real), with_scores(real + 1)))
    expected = roc_auc_score([0] * 80 + [1] * 50, [*made, *real])
    assert found.value == pytest.approx(expected) and found.low < expected < found.high
    assert found.details["mean score, training"] == pytest.approx(real.mean() + 1, rel=1e-5)


def test_the_error_is_that_of_other_images():
    def area(seed):
        random = np.random.default_rng(seed)
        made, real = with_scores(random.normal(size=60)), with_scores(random.normal(1, 1, 40))
        return SCORING_AUC.of(Sets(made, real, real))

    first = area(0)
    assert (first.high - first.low) / 2 / 1.96 == pytest.approx(np.std([area(i).value for i in range(100)]), rel=0.35)


def test_a_run_without_a_scoring_network_is_refused():
    images = replace(full(5), scores=None)
    with pytest.raises(Unmeasurable, match="no network that scores images"):
        SCORING_AUC.of(Sets(images, images, images))
