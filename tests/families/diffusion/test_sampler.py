"""The sampler: the way from noise to images, other settings than the run's, and images between two others."""

import numpy as np
import pytest
import torch

from pipeline.families.diffusion import latents as latents_module
from pipeline.families.diffusion import sampler as sampler_module
from pipeline.families.diffusion.options import ESTIMATE, NOISY, PATH
from pipeline.training.experiment import begin
from pipeline.training.path_drawing import chosen_moments, draw_path
from pipeline.training.sampler import draw_images
from pipeline.training.trainer import Trainer


def trained(experiment, steps=3):
    trainer = Trainer.fresh(experiment)
    trainer.slice(steps, seconds=60)
    return experiment.sampler, trainer.state.networks_of()


@pytest.mark.parametrize("name", ["euler", "heun", "ddim", "ancestral", "dpm++ 2m"])
def test_the_path_begins_with_the_noise_and_ends_with_the_images(make_denoiser, name):
    sampler, networks = trained(make_denoiser())
    sampler = sampler.with_settings({"sampler": name, "steps": 4})
    latents = sampler.latents(16, 0)
    with torch.no_grad():
        moments = list(sampler.path(networks, latents))
    assert [moment.label for moment in moments] == ["t = 1.00", "t = 0.75", "t = 0.50", "t = 0.25", "t = 0.00"]
    assert all(set(moment.pictures) == set(PATH.pictures) for moment in moments)
    torch.testing.assert_close(moments[0].pictures[NOISY](), latents.values.clamp(-1, 1))
    finished = sampler.images(networks, latents)
    assert all(torch.equal(moments[-1].pictures[kind](), finished) for kind in PATH.pictures)
    assert all(moment.pictures[ESTIMATE]().abs().max() <= 1 for moment in moments)


def test_drawn_moments_are_spread_over_the_path_and_the_last_has_the_images_of_a_grid(make_denoiser):
    assert chosen_moments(20, 5) == [0, 5, 10, 15, 20] and chosen_moments(3, 8) == [0, 1, 2, 3]
    sampler, networks = trained(make_denoiser())
    latents, told = sampler.latents(20, 0), []
    moments = draw_path(sampler, networks, latents, ESTIMATE, 2, lambda *far: told.append(far))
    assert [(each.label, each.images.shape) for each in moments] == [
        ("t = 1.00", (20, 8, 8, 1)), ("t = 0.00", (20, 8, 8, 1)),
    ]  # fmt: skip
    np.testing.assert_array_equal(moments[-1].images, draw_images(sampler, networks, latents))
    # Two batches of three passes, and the moment before the first.
    assert told == [(done, 8) for done in range(1, 9)]


def test_latents_are_decoded_only_where_they_are_shown(make_latent, monkeypatch):
    sampler, networks = trained(make_latent(), 6)
    calls, decode = [], latents_module.decode_latents
    monkeypatch.setattr(sampler_module, "decode_latents", lambda *given: (calls.append(1), decode(*given))[1])
    sampler = sampler.with_settings({"steps": 10})
    moments = draw_path(sampler, networks, sampler.latents(4, 0), NOISY, 3)
    assert len(calls) == 3 and moments[0].images.shape == (4, 8, 8, 1)
    draw_images(sampler, networks, sampler.latents(4, 0))
    assert len(calls) == 4


def test_other_settings_leave_the_runs_sampler_as_it_is(make_denoiser):
    sampler, networks = trained(make_denoiser(classes=10, dropout=0.3))
    assert sampler.settings == {"steps": 3, "sampler": "euler", "guidance": 1.0}
    other = sampler.with_settings({"steps": 5, "guidance": 4})
    assert other.settings == {"steps": 5, "sampler": "euler", "guidance": 4.0} and other.passes == 5
    assert sampler.settings["steps"] == 3
    first, second = (draw_images(each, networks, each.latents(4, 0)) for each in (sampler, other))
    assert (first != second).any()
    assert "guidance" not in make_denoiser().sampler.settings


def test_progress_is_told_between_the_steps_of_a_solver(make_denoiser):
    sampler, told = make_denoiser().sampler.with_settings({"steps": 8}), []
    networks = begin(make_denoiser()).networks_of()
    draw_images(sampler, networks, sampler.latents(16, 0), lambda done, total: told.append(done))
    assert told == [0, 2, 4, 6, 8, 10, 12, 14, 16]


def test_between_two_images_no_fresh_noise_is_drawn(make_denoiser):
    sampler = make_denoiser().sampler
    assert sampler.with_settings({"sampler": "ancestral"}).steady().settings["sampler"] == "euler"
    assert sampler.with_settings({"sampler": "ddim"}).steady()._sampling.solver.eta == 0
    assert sampler.with_settings({"sampler": "heun"}).steady().settings["sampler"] == "heun"
