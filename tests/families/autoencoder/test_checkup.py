"""The checkup of an autoencoder, compared with values computed by torch and by hand."""

from math import isnan

import pytest
import torch

from pipeline.data.images import ImageSet
from pipeline.families.autoencoder.checkup import active_units, mean_image
from pipeline.families.autoencoder.coding import decoded
from pipeline.families.autoencoder.family import series_of_checkup
from pipeline.inspection.checkup import SampleCheckup
from pipeline.objectives.elbo import RECONSTRUCTIONS
from pipeline.runs.series import checkup_of, names_of
from pipeline.training.trainer import Trainer


def measured(trainer):
    return SampleCheckup(trainer.experiment).measure(trainer, trainer.draw(6, seed=0))


@pytest.mark.parametrize("variational", [True, False])
@pytest.mark.parametrize("family", ["mlp", "conv"])
def test_a_checkup_measures_the_series_of_its_family_and_changes_nothing(
    make_autoencoder, same_bits, family, variational
):
    trainer = Trainer.fresh(make_autoencoder(family, variational=variational))
    trainer.slice(2, seconds=60)
    before = trainer.capture()
    found = measured(trainer)
    assert tuple(found) == names_of(checkup_of(*series_of_checkup(variational, held_out=True)))
    assert not any(map(isnan, found.values()))
    assert all(module.training for network in trainer.state.networks.values() for module in network.modules())
    same_bits(before, trainer.capture())


@pytest.mark.parametrize("name", RECONSTRUCTIONS)
def test_the_error_of_held_out_images_uses_the_means_of_their_codes(make_autoencoder, name):
    trainer = Trainer.fresh(make_autoencoder(reconstruction=name))
    found = measured(trainer)
    images = trainer.experiment.images.held_out.batch(torch.arange(10))
    with torch.no_grad():
        networks = trainer.state.networks
        made = decoded(networks["decoder"].eval(), networks["encoder"].eval()(images)[:, 0])
    assert found["held_out_reconstruction"] == pytest.approx(RECONSTRUCTIONS[name].of(images, made).mean())


def test_the_mean_image_is_the_mean_with_bounded_logits():
    pixels = torch.randint(0, 256, (40, 1, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    pixels[:, :, 0] = 0
    mean = mean_image(ImageSet(pixels, torch.zeros(40, dtype=torch.int64)))
    torch.testing.assert_close(mean.images[0], pixels.float().mean(0) / 127.5 - 1)
    torch.testing.assert_close(torch.sigmoid(mean.logits[0, 0, 0]), torch.full((4,), 1 / 42))
    torch.testing.assert_close(torch.tanh(mean.logits[0, 0, 1:] / 2), mean.images[0, 0, 1:])


def test_a_dimension_that_hardly_varies_between_images_is_not_active():
    means = torch.zeros(100, 3)
    means[:, 0] = torch.linspace(-1, 1, 100)
    means[:, 1] = torch.linspace(-0.1, 0.1, 100)  # a variance of 0.0034
    assert active_units(means) == 1
