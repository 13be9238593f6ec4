"""What is measured of held-out images: how much latents vary, and how far guidance takes estimates."""

import pytest
import torch

from pipeline.families.diffusion.checkup import deviations_of, guided_deviation
from pipeline.training.experiment import begin


def test_deviations_are_those_of_all_latents_and_of_the_extreme_channels():
    random = torch.Generator().manual_seed(0)
    scales = torch.tensor([0.2, 1.0, 3.0])[:, None, None]
    found = deviations_of(scales * torch.randn(500, 3, 4, 4, generator=random))
    assert found["latent_deviation_least"].item() == pytest.approx(0.2, rel=0.03)
    assert found["latent_deviation_most"].item() == pytest.approx(3.0, rel=0.03)
    assert found["latent_deviation"].item() == pytest.approx((10.04 / 3) ** 0.5, rel=0.03)


def test_estimates_that_are_the_images_are_as_far_from_the_mean_and_their_mean_is_not_far_at_all():
    images = torch.randn(50, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    mean = images.mean(0)
    assert guided_deviation(images, images).item() == pytest.approx(1)
    assert guided_deviation(mean.expand_as(images), images).item() == 0
    assert guided_deviation(mean + 3 * (images - mean), images).item() == pytest.approx(3)


def test_guidance_is_measured_only_if_samples_are_guided(make_denoiser):
    for classes, guidance, measured in ((10, 3.0, True), (10, 1.0, False), (0, 3.0, False)):
        experiment = make_denoiser(classes=classes, guidance=guidance)
        found = experiment.checkup.measure(begin(experiment).networks_of(), torch.empty(0), None)
        assert ("guided_deviation" in found) == measured


def test_a_network_that_takes_no_notice_of_the_class_is_not_moved_by_guidance(make_denoiser):
    experiments = [make_denoiser(classes=10, guidance=guidance) for guidance in (2.0, 50.0)]
    little, much = (
        experiment.checkup.measure(begin(experiment).networks_of(), torch.empty(0), None)["guided_deviation"]
        for experiment in experiments
    )
    assert torch.equal(little, much)
