"""Custom modules: which are used as they are, which are wrapped, and which are refused, with a remedy."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from pipeline.errors.training import UnfitModule
from pipeline.models.python_modules import adapt_decoder, adapt_encoder, adapt_generator, adapt_scorer

SHAPE = (1, 8, 8)


def maker(*last: nn.Module, values: int = 64) -> nn.Sequential:
    return nn.Sequential(nn.Linear(5, 16), nn.BatchNorm1d(16), nn.Dropout(0.5), nn.Linear(16, values), *last)


def scorer(*last: nn.Module, values: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, values), *last)


class Told(nn.Module):
    """A module whose forward is a function of its one layer."""

    def __init__(self, layer: nn.Module, forward: Callable[..., object]) -> None:
        super().__init__()
        self.layer = layer
        self.told = forward

    def forward(self, *given: Tensor, **named: Tensor) -> object:
        return self.told(self.layer, *given, **named)


def fitted(module: object) -> nn.Module:
    return adapt_generator("generator", module, 5, SHAPE).network


def scoring(module: object, *, conditional: bool = False) -> nn.Module:
    return adapt_scorer("discriminator", module, SHAPE, conditional).network


def test_a_module_that_fits_is_used_unchanged():
    images = maker(nn.Unflatten(1, SHAPE), nn.Tanh())
    scores = scorer(nn.Flatten(0))
    assert fitted(images) is images
    assert scoring(scores) is scores


def test_testing_a_module_changes_neither_it_nor_the_random_state():
    module = maker(nn.Unflatten(1, SHAPE), nn.Tanh()).eval()
    weights = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    torch.manual_seed(3)
    fitted(module)
    following = torch.rand(1)
    torch.manual_seed(3)
    assert torch.equal(following, torch.rand(1))
    assert not module.training
    assert all(torch.equal(tensor, weights[name]) for name, tensor in module.state_dict().items())
    assert all(parameter.grad is None for parameter in module.parameters())


def test_flat_images_get_the_shape_of_the_real_ones():
    module = maker(nn.Tanh())
    network = fitted(module)
    latents = torch.randn(4, 5)
    assert torch.equal(network.eval()(latents), module(latents).reshape(4, *SHAPE))


def test_latents_get_two_more_axes_if_the_module_needs_them():
    module = nn.Sequential(nn.ConvTranspose2d(5, 3, 8), nn.Tanh())
    found = adapt_generator("generator", module, 5, SHAPE)
    assert found.image_shape == (3, 8, 8)
    assert found.network(torch.randn(4, 5)).shape == (4, 3, 8, 8)


def test_scores_are_flattened():
    convolutional = nn.Conv2d(1, 1, 8)
    assert scoring(scorer())(torch.randn(3, *SHAPE)).shape == (3,)
    assert scoring(convolutional)(torch.randn(1, *SHAPE)).shape == (1,)


def test_a_conditional_scorer_is_called_with_labels():
    module = Told(nn.Linear(64, 10), lambda layer, images, labels: layer(images.flatten(1)).gather(1, labels[:, None]))
    network = scoring(module, conditional=True)
    assert network(torch.randn(3, *SHAPE), labels=torch.tensor([0, 9, 1])).shape == (3,)
    with pytest.raises(UnfitModule, match="fails on a batch of 2×1×8×8"):
        scoring(scorer(), conditional=True)


def test_an_encoders_outputs_become_values_per_dimension():
    images = torch.randn(3, *SHAPE)
    flat = adapt_encoder("encoder", scorer(values=6), SHAPE, 2, 3).network
    assert flat(images).shape == (3, 2, 3)
    pair = Told(nn.Linear(64, 3), lambda layer, images: (layer(images.flatten(1)), -layer(images.flatten(1))))
    means, log_variances = adapt_encoder("encoder", pair, SHAPE, 2, 3).network(images).unbind(1)
    assert torch.equal(means, -log_variances)
    with pytest.raises(UnfitModule, match="returns 6 for each image, but 3 numbers are expected"):
        adapt_encoder("encoder", scorer(values=6), SHAPE, 1, 3)


def test_a_decoder_that_ends_in_tanh_still_does_in_its_shell():
    module = maker(nn.Tanh())
    network = adapt_decoder("decoder", module, 5, SHAPE).network.eval()
    codes = torch.randn(4, 5)
    assert isinstance(network, nn.Sequential) and network[-1] is module[-1]
    assert torch.equal(network(codes), module.eval()(codes).reshape(4, *SHAPE))


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        (3, "The generator is a int, but an instance of torch.nn.Module is expected."),
        (nn.Linear, "is Linear, but an instance of torch.nn.Module"),
        (nn.Sequential(nn.Unflatten(1, (1, 1, 5))), "has no weights to train"),
        (nn.Linear(5, 64).requires_grad_(False), "has frozen weights"),
        (nn.LazyLinear(64), "has lazy layers"),
        (maker(values=60), "returns 60 for each image, but 1×8×8, or 64 numbers, are expected"),
        (nn.Linear(7, 64), "fails on a batch of 2×5: mat1 and mat2 shapes cannot be multiplied"),
        (Told(nn.Linear(5, 64), lambda layer, latents: layer(latents).argmax(1)), "returns torch.int64"),
        (Told(nn.Linear(5, 64), lambda layer, latents: {"images": layer(latents)}), "returns dict"),
        (Told(nn.Linear(5, 64), lambda layer, latents: layer(latents)[:1]), "returns 1×64 for a batch of 2"),
        (Told(nn.Linear(5, 64), lambda layer, latents: 1 / 0), "fails on a batch of 2×5: division by zero."),
    ],
)
def test_a_module_that_cannot_make_images_is_refused(module: object, sentence: str):
    with pytest.raises(UnfitModule) as refused:
        fitted(module)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "module",
    [
        scorer(nn.Sigmoid()),
        scorer(nn.Sigmoid(), nn.Flatten(0)),
        Told(nn.Linear(64, 1), lambda layer, images: torch.sigmoid(layer(images.flatten(1))).squeeze(1)),
    ],
)
def test_a_scorer_that_ends_in_a_sigmoid_is_told_to_return_logits(module: nn.Module):
    with pytest.raises(UnfitModule, match=r"The discriminator ends in a sigmoid: remove it and return logits"):
        scoring(module)


@pytest.mark.parametrize(
    ("module", "end"), [(maker(nn.Sigmoid()), "sigmoid"), (maker(nn.Tanh()), "tanh"), (maker(nn.ReLU()), None)]
)
def test_the_end_of_a_generator_is_known(module: nn.Module, end: str | None):
    assert adapt_generator("generator", module, 5, SHAPE).end == end


def test_an_inner_sigmoid_and_a_log_sigmoid_are_allowed():
    within = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Sigmoid(), nn.Linear(8, 1), nn.Flatten(0))
    assert scoring(within) is within
    assert scoring(scorer(nn.LogSigmoid()))(torch.randn(2, *SHAPE)).shape == (2,)


def test_two_scores_for_an_image_are_refused():
    with pytest.raises(UnfitModule, match=r"returns 2 for each image, but one score is expected: \(B,\) or \(B, 1\)"):
        scoring(scorer(values=2))
