"""Codes and reconstructions, compared with numpy."""

import numpy as np
import pytest
import torch

from pipeline.errors.machine import UnusableValue
from pipeline.inspection.codes import look_at_codes, principal_components, widest_units
from pipeline.inspection.nonfinite import first_bad_tensor
from pipeline.inspection.walk import Walk
from pipeline.training.trainer import Trainer


def test_the_widest_units_have_the_largest_variance():
    codes = torch.randn(300, 4, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 3.0, 0.1, 2.0])
    plane = widest_units(codes)
    assert plane.units == (2, 4)
    np.testing.assert_array_equal(plane.points, codes[:, [1, 3]].numpy())
    variances = codes.numpy().var(0)
    assert plane.shares == pytest.approx(tuple(variances[[1, 3]] / variances.sum()), rel=1e-4)


def test_principal_components_are_those_of_the_covariance():
    codes = torch.randn(300, 3, generator=torch.Generator().manual_seed(1)) @ torch.randn(3, 3)
    plane = principal_components(codes)
    values, vectors = np.linalg.eigh(np.cov(codes.numpy().T))
    expected = (codes.numpy() - codes.numpy().mean(0)) @ vectors[:, ::-1][:, :2]
    np.testing.assert_allclose(np.abs(plane.points), np.abs(expected), atol=1e-4)
    assert plane.shares == pytest.approx(tuple(values[::-1][:2] / values.sum()), rel=1e-4)


def test_codes_of_one_dimension_lie_on_a_line():
    codes = torch.randn(20, 1)
    for plane in (widest_units(codes), principal_components(codes)):
        assert plane.points.shape == (20, 2) and not plane.points[:, 1].any()
        assert plane.shares[1] == 0
    assert widest_units(torch.ones(5, 2)).shares == (0, 0)


def test_codes_are_shown_with_images_and_their_reconstructions(make_autoencoder, same_bits):
    trainer = Trainer.fresh(make_autoencoder("conv"))
    trainer.slice(2, seconds=60)
    before = trainer.capture()
    seen = look_at_codes(trainer, 9, 4)
    assert list(seen.groups) == ["held-out", "real"]
    assert len(seen.groups["held-out"].errors) == 2 and len(seen.groups["real"].errors) == 4
    real = seen.groups["real"]
    np.testing.assert_array_equal(real.originals[:, :, :, 0], trainer.experiment.images.train.pixels[8:12, 0])
    differences = (real.originals.astype(float) - real.reconstructions) / 127.5
    np.testing.assert_allclose(real.errors, np.sqrt((differences**2).mean((1, 2, 3))), atol=0.01)
    np.testing.assert_array_equal(seen.labels, trainer.experiment.images.held_out.labels)
    same_bits(before, trainer.capture())


def test_missing_images_and_runs_without_codes_are_refused(make_autoencoder, make_experiment):
    trainer = Trainer.fresh(make_autoencoder())
    for first in (0, 51):
        with pytest.raises(UnusableValue, match="choose one from 1 to 50"):
            look_at_codes(trainer, first, 4)
    with pytest.raises(UnusableValue, match="does not encode images"):
        look_at_codes(Trainer.fresh(make_experiment()), 1, 4)


def test_a_walk_shows_images_codes_and_the_weights_of_both_networks(make_autoencoder):
    trainer = Trainer.fresh(make_autoencoder())
    walk = Walk(trainer)
    reports = [walk.next() for _ in range(8)]
    by_name = {report.name: report for report in reports}
    assert by_name["encode"].latents.shape == by_name["sample codes"].latents.shape == (16, 3)
    assert by_name["decode"].images.shape == by_name["draw real images"].images.shape == (16, 8, 8, 1)
    gradients, encoder, decoder = reports[5:]
    assert gradients.roles == ("encoder", "decoder")
    assert {row.name.partition(".")[0] for row in gradients.parameters} == {"encoder", "decoder"}
    assert (encoder.roles, decoder.roles) == (("encoder",), ("decoder",))
    assert encoder.parameters[0].name == "linear_1.weight" and encoder.parameters[0].update > 0


def test_a_gradient_that_is_not_finite_is_named_with_its_network(make_autoencoder):
    trainer = Trainer.fresh(make_autoencoder())
    with torch.no_grad():
        trainer.state.networks["encoder"][1].weight.fill_(1e30)
    bad = first_bad_tensor(trainer)
    assert bad is not None and bad.update == "autoencoder"
