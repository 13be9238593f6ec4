"""What a walk shows of a denoiser's update: pictures of each stage, and the numbers of each image."""

import numpy as np
import pytest
import torch

from pipeline.data.images import to_array, to_pixels
from pipeline.families.diffusion.pictures import COLOURS_END, false_colours
from pipeline.inspection.nonfinite import first_bad_tensor
from pipeline.inspection.walk import Walk
from pipeline.training.inference import eval_mode
from pipeline.training.trainer import Trainer
from tests.families.diffusion.conftest import AUTOENCODER_STEPS as FIRST


def walked(trainer):
    """The reports of one walked step, by stage."""
    walk = Walk(trainer)
    reports = [walk.next()]
    while not trainer.between_steps:
        reports.append(walk.next())
    return {report.name: report for report in reports}


def test_in_pixels_every_stage_shows_images_with_their_times(make_denoiser):
    reports = walked(Trainer.fresh(make_denoiser(classes=10, dropout=1.0)))
    assert {name: list(report.rows) for name, report in reports.items() if report.rows} == {
        "drop labels": ["image"],
        "draw times": ["image"],
        "draw noise": ["noise"],
        "mix": ["noisy image"],
        "predict": ["noisy image", "prediction", "estimate of the image", "image"],
        "denoising loss": ["prediction", "target"],
    }
    assert all(images.shape == (16, 8, 8, 1) for report in reports.values() for images in report.rows.values())
    assert reports["drop labels"].labels == ("no class",) * 16
    times = reports["draw times"].numbers["time"]
    assert reports["mix"].labels == tuple(f"t {time:.2f}" for time in times)
    np.testing.assert_allclose(reports["mix"].numbers["image share"], 1 - times, rtol=1e-6)


def test_the_loss_is_shown_image_by_image_and_their_mean_is_the_loss(make_denoiser):
    report = walked(Trainer.fresh(make_denoiser("noise")))["denoising loss"]
    numbers = report.numbers
    assert list(numbers) == ["time", "loss", "error", "weight", "SNR"]
    assert report.values["denoising_loss"] == pytest.approx(numbers["loss"].mean(), rel=1e-5)
    np.testing.assert_allclose(numbers["loss"], numbers["weight"] * numbers["error"])
    assert report.labels == tuple(f"{loss:.3f}" for loss in numbers["loss"])


def test_latents_are_shown_decoded_and_in_false_colours(make_latent):
    trainer = Trainer.fresh(make_latent())
    trainer.slice(FIRST, seconds=60)
    reports = walked(trainer)
    assert list(reports["encode images"].rows) == ["image", "latent, in false colours", "latent, decoded"]
    assert list(reports["draw noise"].rows) == ["noise, in false colours"]
    assert list(reports["mix"].rows) == ["noisy latent, in false colours", "noisy latent, decoded"]
    for report in reports.values():
        for name, images in report.rows.items():
            assert images.shape == (16, 8, 8, 3 if "colours" in name else 1)
    # Decoded latents are the reconstructions of the same images.
    coding, networks = trainer.experiment.coding, trainer.state.networks_of("ema")
    shown = torch.from_numpy(reports["encode images"].rows["image"]).permute(0, 3, 1, 2) / 127.5 - 1
    with torch.no_grad(), eval_mode(networks["encoder"], networks["decoder"]):
        again = to_array(to_pixels(coding.reconstruct(networks, shown).images))
    assert np.abs(again.astype(int) - reports["encode images"].rows["latent, decoded"]).max() <= 1


def test_walking_with_pictures_equals_training_bit_for_bit(make_latent, same_bits):
    fast = Trainer.fresh(make_latent())
    fast.slice(FIRST + 2, seconds=60)
    slow = Trainer.fresh(make_latent())
    for _ in range(FIRST + 2):
        walked(slow)
    same_bits(fast.capture(), slow.capture())


def test_false_colours_are_the_first_three_channels_and_end_at_their_bound():
    latents = torch.tensor([0.0, COLOURS_END / 2, 9.0, 1.0]).reshape(1, 4, 1, 1)
    made = false_colours(latents, (4, 6))
    assert made.shape == (1, 3, 4, 6) and made[0, :, 0, 0].tolist() == [0, 0.5, 1]
    assert false_colours(latents[:, :2], (2, 2)).shape[1] == 3 and false_colours(latents[:, :1], (2, 2)).shape[1] == 1


def test_a_nan_names_its_image_of_the_batch_and_its_time(make_denoiser):
    trainer = Trainer.fresh(make_denoiser())
    network = trainer.state.networks["denoiser"]

    def spoil(module, inputs, output):
        spoilt = output.clone()
        spoilt[6] = torch.nan
        return spoilt

    network.register_forward_hook(spoil)
    bad = first_bad_tensor(trainer)
    assert (bad.name, bad.stage) == ("predicted", "predict") and bad.images == (bad.batch[6],)
    (facts,) = bad.facts
    assert facts.startswith("image 7 of the batch, at time 0.")
