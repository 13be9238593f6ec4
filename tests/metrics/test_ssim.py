import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from pipeline.metrics.signature import Sets, Unmeasurable
from pipeline.metrics.ssim import SSIM, similarities
from tests.metrics.made_up import full


def by_scipy(x, y):
    """The similarity of two images (H, W), by scipy's Gaussian filter, where its window is inside."""

    def smooth(image):
        return gaussian_filter(image, 1.5, radius=5)[5:-5, 5:-5]

    x, y = x.astype(float), y.astype(float)
    mx, my = smooth(x), smooth(y)
    vx, vy, both = smooth((x - 128) ** 2) - (mx - 128) ** 2, smooth((y - 128) ** 2) - (my - 128) ** 2, smooth(x * y)
    contrast = (2 * (both - mx * my) + 58.5225) / (vx + vy + 58.5225)
    return ((2 * mx * my + 6.5025) / (mx**2 + my**2 + 6.5025) * contrast).mean()


def test_it_is_that_of_scipys_gaussian_filter_as_the_mean_over_channels():
    images = full(6, size=20)
    found = similarities(images.pixels[:, :, :15], images.reconstructions[:, :, :15])
    pairs = zip(images.pixels[:, :, :15], images.reconstructions[:, :, :15], strict=True)
    expected = [np.mean([by_scipy(x[..., c], y[..., c]) for c in range(3)]) for x, y in pairs]
    assert found == pytest.approx(expected, rel=1e-6)
    assert similarities(images.pixels, images.pixels) == pytest.approx(np.ones(6))


def test_images_of_eight_pixels_are_refused():
    small = full(5, size=8)
    with pytest.raises(Unmeasurable, match="at least 11 × 11 pixels, not 8 × 8: choose PSNR"):
        SSIM.of(Sets(small, small, small))
