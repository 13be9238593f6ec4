from dataclasses import replace

import numpy as np
import pytest

from pipeline.metrics.psnr import PSNR, ratios
from pipeline.metrics.signature import Sets, Unmeasurable
from tests.metrics.made_up import full


def test_a_constant_error_is_its_ratio_to_the_peak_and_a_copy_has_100_db():
    original = np.full((2, 4, 4, 1), 100, np.uint8)
    made = original.copy()
    made[0] += 25
    assert ratios(original, made) == pytest.approx([20 * np.log10(255 / 25), 100])


def test_the_mean_is_told_apart_by_class():
    real = full(60)
    real = replace(real, labels=np.repeat([0, 1, 7], 20), reconstructions=real.reconstructions[:50])
    found = PSNR.of(Sets(real, real, real, ("cat", "dog")))
    each = ratios(real.pixels[:50], real.reconstructions)
    assert list(found.details) == ["cat", "dog", "7"]
    assert found.details["7"] == pytest.approx(each[40:].mean())
    assert found.real == 50 and found.low < each.mean() < found.high


def test_a_run_without_an_autoencoder_is_refused():
    real = replace(full(5), reconstructions=None)
    with pytest.raises(Unmeasurable, match="makes no reconstructions"):
        PSNR.of(Sets(real, real, real))
