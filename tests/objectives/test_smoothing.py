"""Label smoothing, compared with the equivalent cross-entropy with soft labels."""

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from pipeline.objectives.adversarial import LEAST_SQUARES, MINIMAX, NON_SATURATING
from pipeline.objectives.signature import AdversarialLoss
from pipeline.objectives.smoothing import smooth_labels

REAL = torch.tensor([2.0, -1.0, 0.5])
FAKE = torch.tensor([-3.0, 0.25, 1.0])


@pytest.mark.parametrize("loss", [MINIMAX, NON_SATURATING], ids=lambda loss: loss.name)
def test_smoothed_cross_entropy_is_cross_entropy_with_label_nine_tenths(loss: AdversarialLoss) -> None:
    terms = smooth_labels(loss, REAL, FAKE, 0.1)

    torch.testing.assert_close(terms["real"], binary_cross_entropy_with_logits(REAL, torch.full((3,), 0.9)))
    torch.testing.assert_close(terms["fake"], binary_cross_entropy_with_logits(FAKE, torch.zeros(3)))


def test_smoothed_least_squares_has_a_target_of_nine_tenths() -> None:
    # (1 − α)·½(s − 1)² + α·½s² is ½(s − (1 − α))² plus a constant.
    real = REAL.clone().requires_grad_()
    smooth_labels(LEAST_SQUARES, real, FAKE, 0.1)["real"].backward()

    torch.testing.assert_close(real.grad, (REAL - 0.9) / 3)


def test_a_share_of_zero_changes_nothing() -> None:
    plain, none = NON_SATURATING.discriminator(REAL, FAKE), smooth_labels(NON_SATURATING, REAL, FAKE, 0)
    assert plain == none


def test_smoothing_penalises_a_certain_discriminator() -> None:
    certain = torch.tensor([40.0])
    assert smooth_labels(NON_SATURATING, certain, FAKE, 0.1)["real"].item() == pytest.approx(4)
