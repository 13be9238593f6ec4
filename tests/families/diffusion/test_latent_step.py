"""Two phases in one run: an autoencoder, then a denoiser of its latents."""

import math

import numpy as np
import pytest
import torch

from pipeline.conditions.armed import ArmedCondition
from pipeline.conditions.expression import parse
from pipeline.errors.training import UnknownUpdate
from pipeline.families.diffusion import latents as latents_module
from pipeline.families.diffusion.latents import FOLDER, scale_of
from pipeline.training.trainer import Trainer
from pipeline.training.transfer import carry_over
from tests.families.diffusion.conftest import AUTOENCODER_STEPS as FIRST


def weights(trainer, role):
    return [weight.detach().clone() for weight in trainer.state.networks[role].parameters()]


def same(one, other):
    return all(map(torch.equal, one, other))


def test_each_phase_trains_its_own_networks(make_latent):
    trainer = Trainer.fresh(make_latent())
    starts = {role: weights(trainer, role) for role in trainer.state.networks}
    trainer.slice(FIRST, seconds=60)
    middle = {role: weights(trainer, role) for role in starts}
    trainer.slice(3, seconds=60)
    end = {role: weights(trainer, role) for role in starts}
    assert same(starts["denoiser"], middle["denoiser"]) and not same(middle["denoiser"], end["denoiser"])
    for role in ("encoder", "decoder"):
        assert not same(starts[role], middle[role]) and same(middle[role], end[role])
    assert trainer.state.counters == {"updates": FIRST, "denoiser_updates": 3}


def test_averages_move_only_in_their_phase(make_latent):
    trainer = Trainer.fresh(make_latent())
    trainer.slice(FIRST, seconds=60)
    before = [each.clone() for each in trainer.state.averages["decoder"].parameters()]
    trainer.slice(3, seconds=60)
    assert same(before, trainer.state.averages["decoder"].parameters())


def test_series_of_the_other_phase_are_gaps(make_latent):
    trainer = Trainer.fresh(make_latent())
    found = trainer.slice(FIRST + 2, seconds=60)
    of = {name: found.values[:, place] for place, name in enumerate(found.names)}
    assert np.isfinite(of["loss"]).tolist() == [True] * FIRST + [False] * 2
    assert np.isfinite(of["denoising_loss"]).tolist() == [False] * FIRST + [True] * 2


def test_a_step_has_the_stages_of_its_phase_and_only_its_updates_can_be_done_alone(make_latent):
    trainer = Trainer.fresh(make_latent())
    assert [stage.name for stage in trainer.stages()][:2] == ["draw real images", "encode"]
    with pytest.raises(UnknownUpdate, match="autoencoder"):
        trainer.update_only("denoiser")
    trainer.slice(FIRST - 1, seconds=60)
    assert [update.name for update, _ in trainer.plan] == ["denoiser"] and trainer.upcoming[1].node == "data"
    assert "denoising_loss" in trainer.update_only("denoiser")
    made = {name: tensor for stage in trainer.stages() for name, tensor in stage.made.items()}
    assert made["latents"].shape == made["noisy"].shape == (16, 2, 2, 2)


def test_latents_have_deviation_one_and_are_encoded_once(make_latent, tmp_path, monkeypatch):
    trainer = Trainer.fresh(make_latent())
    trainer.slice(FIRST + 1, seconds=60)
    (path,) = (tmp_path / FOLDER).iterdir()
    encoder = trainer.state.network("encoder", "ema")
    images = trainer.experiment.images.train
    with torch.no_grad():
        codes = encoder.eval()(images.batch(torch.arange(images.count)))[:, 0]
    scale = scale_of(trainer.state.networks["denoiser"]).item()
    assert scale == pytest.approx(1 / codes.std().item(), rel=1e-4)
    assert scale_of(trainer.state.averages["denoiser"]).item() == scale
    monkeypatch.setattr(latents_module, "_encode", None)  # Encoding again would fail.
    again = Trainer.fresh(make_latent())
    again.slice(FIRST + 1, seconds=60)
    assert [path] == list((tmp_path / FOLDER).iterdir())


@pytest.mark.parametrize("kept", [0, 7, 2000])
def test_damaged_latents_are_encoded_again(make_latent, tmp_path, kept):
    Trainer.fresh(make_latent()).slice(FIRST + 1, seconds=60)
    (path,) = (tmp_path / FOLDER).iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    Trainer.fresh(make_latent()).slice(FIRST + 1, seconds=60)
    assert path.read_bytes() == whole and len(whole) > kept


def test_latents_that_cannot_be_kept_do_not_stop_the_training(make_latent, tmp_path):
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    trainer = Trainer.fresh(make_latent())
    trainer.slice(FIRST + 2, seconds=60)
    assert trainer.state.step == FIRST + 2


def test_nothing_is_encoded_twice_by_rewinding_resuming_and_forking(make_latent, monkeypatch):
    encode, counts = latents_module._encode, []
    monkeypatch.setattr(
        latents_module,
        "_encode",
        lambda net, images, first: (counts.append(images.count), encode(net, images, first))[1],
    )
    trainer = Trainer.fresh(make_latent())
    trainer.slice(FIRST - 1, seconds=60)
    before = trainer.capture()
    trainer.slice(4, seconds=60)
    after = trainer.capture()
    assert counts == [50, 10]
    trainer.restore(before)
    trainer.slice(4, seconds=60)
    resumed, forked = Trainer.fresh(make_latent()), Trainer.fresh(make_latent())
    resumed.restore(after)
    resumed.step()
    carry_over(after, forked.state)
    forked.step()
    assert counts == [50, 10]


@pytest.mark.parametrize("at", [FIRST - 1, FIRST, FIRST + 2])
def test_a_restored_run_goes_on_to_the_same_bits_in_and_across_phases(make_latent, same_bits, at):
    trainer = Trainer.fresh(make_latent())
    trainer.slice(at, seconds=60)
    captured = trainer.capture()
    trainer.slice(FIRST + 4 - at, seconds=60)
    expected = trainer.capture()
    for other in (trainer, Trainer.fresh(make_latent())):
        other.restore(captured)
        other.slice(FIRST + 4 - at, seconds=60)
        same_bits(other.capture(), expected)


def test_another_encoder_never_meets_old_latents(make_latent, tmp_path):
    trainer = Trainer.fresh(make_latent())
    start = trainer.capture()
    trainer.slice(FIRST + 1, seconds=60)
    trainer.restore(start)
    trainer.set_live("coding.beta", 5.0)
    trainer.slice(FIRST + 1, seconds=60)
    assert len(list((tmp_path / FOLDER).iterdir())) == 2


def test_samples_are_images_and_the_loss_by_time_begins_with_the_latents(make_latent):
    trainer = Trainer.fresh(make_latent())
    checkup = trainer.experiment.checkup
    trainer.slice(FIRST, seconds=60)
    measured = checkup.measure(trainer.state.networks_of("ema"), torch.empty(0), None)
    assert math.isnan(measured["loss_000_025"]) and math.isfinite(measured["held_out_reconstruction"])
    trainer.slice(1, seconds=60)
    measured = checkup.measure(trainer.state.networks_of("ema"), torch.empty(0), None)
    assert math.isfinite(measured["loss_000_025"])
    assert 0 < measured["latent_deviation_least"] <= min(measured[f"latent_deviation{end}"] for end in ("", "_most"))
    assert trainer.draw(5, 0).shape == (5, 8, 8, 1)


def test_conditions_of_one_phase_hold_only_in_it_and_means_ignore_its_gap(make_latent):
    trainer = Trainer.fresh(make_latent())
    texts = ("not denoising_loss < 0", "denoising_loss != 3", "loss != 3", "mean(denoising_loss, 3) > 0")
    names = [*trainer.experiment.series, "loss_000_025"]
    armed = {text: ArmedCondition(parse(text, names)) for text in texts}
    held = {text: [] for text in texts}

    def watch(step, values):
        for text, condition in armed.items():
            held[text] += [step] if condition.next(step, values).holds else []
        return False

    trainer.slice(FIRST + 3, seconds=60, watch=watch)
    second = list(range(FIRST + 1, FIRST + 4))
    assert list(held.values()) == [second, second, list(range(1, FIRST + 1)), second]
