"""Samplers: batches, eval mode, reproducible images, and one or several passes."""

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.data.images import to_pixels
from pipeline.training.inference import BATCH
from pipeline.training.sampler import Latents, Sampler, draw_images, image_batches
from pipeline.training.settings import Settings

SETTINGS = Settings(batch_size=4, total_steps=10, seed=0, device=torch.device("cpu"))


class OnePass(Sampler):
    """One network, called once with 12 numbers per image."""

    roles = ("maker",)

    def begin(self, streams, condition):
        return Latents(streams.normal((12,)), streams)

    def steps(self, networks, latents):
        yield networks["maker"](latents.values)


class ManyPasses(OnePass):
    """The network's image, with noise from the image's stream added at every step."""

    def steps(self, networks, latents):
        images = networks["maker"](latents.values)
        for step in range(1, 6):
            yield images
            images = 0.9 * images + 0.1 * latents.streams.normal((3, 2, 2), step)
        yield images


def maker():
    torch.manual_seed(0)
    return {"maker": nn.Sequential(nn.Linear(12, 12), nn.Tanh(), nn.Unflatten(1, (3, 2, 2)), nn.BatchNorm2d(3))}


@pytest.mark.parametrize("kind", [OnePass, ManyPasses])
def test_drawn_returns_the_images_as_bytes_with_channels_last(kind):
    sampler, networks = kind(SETTINGS), maker()
    latents = sampler.latents(16, seed=3)
    made = draw_images(sampler, networks, latents)
    assert made.shape == (16, 2, 2, 3) and made.dtype == np.uint8
    expected = to_pixels(sampler.images(networks, latents)).permute(0, 2, 3, 1).numpy()
    np.testing.assert_array_equal(made, expected)


def wide_maker():
    """Networks whose rows differ in the last bits between batches of different sizes."""
    torch.manual_seed(0)
    upsampling = (nn.BatchNorm2d(64), nn.ReLU(), nn.ConvTranspose2d(64, 3, 4, 2, 1), nn.Tanh())
    return {"maker": nn.Sequential(nn.Linear(12, 3136), nn.Unflatten(1, (64, 7, 7)), *upsampling)}


class WideManyPasses(OnePass):
    """Three passes, with noise from the image's stream added to each image."""

    def steps(self, networks, latents):
        images = networks["maker"](latents.values)
        for step in range(1, 4):
            yield images
            images = 0.9 * images + 0.1 * latents.streams.normal((3, 14, 14), step)
        yield images


def made_by(sampler, networks, count, first=0):
    return torch.cat(list(image_batches(sampler, networks, sampler.latents(count, seed=0, first=first))))


@pytest.mark.parametrize("kind", [OnePass, WideManyPasses])
def test_an_image_is_the_same_to_the_last_bit_for_every_count_and_batch(kind):
    sampler, networks = kind(SETTINGS), wide_maker()
    whole = made_by(sampler, networks, 2 * BATCH + 5)
    for count in (1, 2, 3, 5, 15, 16, 17, 31, 33, 64, 100, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH):
        assert torch.equal(made_by(sampler, networks, count), whole[:count]), count
    for first in (1, 7, 15, 16, 31, 63, 127, BATCH - 1, BATCH + 3, 2 * BATCH - 2):
        assert torch.equal(made_by(sampler, networks, 3, first), whole[first : first + 3]), first
    np.testing.assert_array_equal(
        draw_images(sampler, networks, sampler.latents(3, seed=0)),
        draw_images(sampler, networks, sampler.latents(16, seed=0))[:3],
    )


def test_an_image_is_the_same_alone_and_among_others_of_its_seed():
    sampler, networks = WideManyPasses(SETTINGS), wide_maker()
    latents = sampler.latents(64, seed=0)
    whole = torch.cat(list(image_batches(sampler, networks, latents)))
    for place in (0, 9, 16, 40, 63):
        assert torch.equal(next(image_batches(sampler, networks, latents[place : place + 1])), whole[place : place + 1])


def test_many_images_are_made_in_batches_with_progress():
    sizes, told = [], []
    networks = maker()
    networks["maker"].register_forward_hook(lambda module, inputs, output: sizes.append(len(output)))
    sampler = OnePass(SETTINGS)
    made = draw_images(sampler, networks, sampler.latents(BATCH + 7, 0), lambda done, total: told.append((done, total)))
    assert len(made) == BATCH + 7
    assert sizes == [16, 16, 32, 64, 128, BATCH]
    assert told[-1] == (BATCH + 7, BATCH + 7) and told == sorted(told)


def test_sampling_can_be_stopped_between_passes():
    calls = []

    class Enough(Exception):
        pass

    def stop(done, total):
        calls.append(done)
        if len(calls) == 3:
            raise Enough

    sampler, networks = ManyPasses(SETTINGS), maker()
    with pytest.raises(Enough):
        draw_images(sampler, networks, sampler.latents(2, 0), stop)
    assert all(module.training for module in networks["maker"].modules())


def test_networks_are_in_eval_mode_while_sampling_and_restored_afterwards():
    modes = []
    networks = maker()
    networks["maker"].register_forward_hook(
        lambda module, inputs, output: modes.append((module.training, output.requires_grad))
    )
    sampler = OnePass(SETTINGS)
    for training in (True, False):
        networks["maker"].train(training)
        sampler.images(networks, sampler.latents(2, 0))
        assert all(module.training is training for module in networks["maker"].modules())
    assert modes == [(False, False), (False, False)]
    assert torch.equal(networks["maker"][3].running_mean, torch.zeros(3))


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ([], "NoneType"),
        (["image"], "str"),
        ([torch.zeros(2, 12)], r"a torch.float32 tensor \(2, 12\)"),
        ([torch.zeros(3, 1, 4, 4)], r"a torch.float32 tensor \(3, 1, 4, 4\)"),
        ([torch.zeros(2, 2, 4, 4)], r"a torch.float32 tensor \(2, 2, 4, 4\)"),
        ([torch.zeros(2, 1, 0, 4)], r"a torch.float32 tensor \(2, 1, 0, 4\)"),
        ([torch.zeros(2, 1, 4, 4, dtype=torch.uint8)], r"a torch.uint8 tensor \(2, 1, 4, 4\)"),
        ([torch.zeros(2, 1, 4, 4, dtype=torch.complex64)], r"a torch.complex64 tensor \(2, 1, 4, 4\)"),
    ],
)
def test_a_sampler_that_yields_no_images_is_reported(made, found):
    class Wrong(OnePass):
        def steps(self, networks, latents):
            yield from made

    sampler = Wrong(SETTINGS)
    with pytest.raises(ValueError, match=rf"must yield float images \(2, 1 or 3, H, W\), not {found}"):
        sampler.images(maker(), sampler.latents(2, 0))


@pytest.mark.parametrize(
    ("begun", "sentence"),
    [
        (lambda streams: None, "must return Latents of 4 images"),
        (lambda streams: Latents(torch.zeros(5, 12), streams), "must return Latents of 4 images"),
        (lambda streams: Latents(torch.zeros(4, 12), streams[:2]), "must return Latents of 4 images"),
        (
            lambda streams: Latents(torch.zeros(4, 12), streams, torch.zeros(4, 1)),
            r"must return labels \(4,\), not \(4, 1\)",
        ),
        (lambda streams: Latents(torch.zeros(4, 12), streams, torch.tensor(7)), r"must return labels \(4,\), not \(\)"),
    ],
)
def test_a_sampler_with_invalid_latents_is_reported(begun, sentence):
    class Wrong(OnePass):
        def begin(self, streams, condition):
            return begun(streams)

    with pytest.raises(ValueError, match=f"Wrong.begin {sentence}"):
        Wrong(SETTINGS).latents(4, seed=0)


def test_a_sampler_that_uses_torchs_global_random_numbers_does_not_change_them():
    class Careless(OnePass):
        def begin(self, streams, condition):
            torch.manual_seed(5)
            return Latents(torch.randn(len(streams), 12), streams)

        def steps(self, networks, latents):
            torch.manual_seed(5)
            yield networks["maker"](latents.values + torch.randn(12))

    networks = maker()
    before = torch.get_rng_state()
    draw_images(Careless(SETTINGS), networks, Careless(SETTINGS).latents(3, 0))
    assert torch.equal(torch.get_rng_state(), before)


def trains(module):
    module[0].weight.add_(1)


def gathers_statistics(module):
    module.train()(torch.randn(4, 12))


@pytest.mark.parametrize("change", [trains, gathers_statistics])
def test_a_sampler_that_changes_its_network_is_refused(change):
    class Meddling(OnePass):
        def steps(self, networks, latents):
            change(networks["maker"])
            yield networks["maker"].eval()(latents.values)

    networks = maker()
    with pytest.raises(RuntimeError, match="changed the weights of a network"):
        draw_images(Meddling(SETTINGS), networks, OnePass(SETTINGS).latents(3, 0))
    assert all(module.training for module in networks["maker"].modules())
