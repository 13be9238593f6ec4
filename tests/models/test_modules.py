"""The modules that torch does not have, compared with their formulas or with torch's own module in the plain case."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from pipeline.models import dcgan, mlp
from pipeline.models.build import build_network
from pipeline.models.modules import ClassEmbedding, ConditionalBatchNorm, Projection, SelfAttention

CLASSES = 3


def one_hot(*labels: int) -> torch.Tensor:
    return F.one_hot(torch.tensor(labels), CLASSES).float()


@pytest.mark.parametrize("shape", [(6, 4), (6, 4, 5, 3)])
def test_conditional_batch_norm_is_initialised_as_plain_batch_norm(shape: tuple[int, ...]) -> None:
    conditional = ConditionalBatchNorm(4, CLASSES)
    plain = nn.BatchNorm2d(4) if len(shape) == 4 else nn.BatchNorm1d(4)
    values = torch.randn(shape) * 3 + 1

    torch.testing.assert_close(conditional(values, one_hot(0, 1, 2, 0, 1, 2)), plain(values))
    conditional.eval(), plain.eval()
    torch.testing.assert_close(conditional(values, one_hot(0, 0, 0, 0, 0, 0)), plain(values))


def test_each_class_has_its_own_scale_and_shift() -> None:
    layer = ConditionalBatchNorm(4, CLASSES).eval()
    nn.init.normal_(layer.scale)
    nn.init.normal_(layer.shift)
    values, labels = torch.randn(3, 4, 2, 2), [2, 0, 2]

    expected = [
        F.batch_norm(values[[i]], layer.running_mean, layer.running_var, 1 + layer.scale[label], layer.shift[label])
        for i, label in enumerate(labels)
    ]
    torch.testing.assert_close(layer(values, one_hot(*labels)), torch.cat(expected))


def test_a_mixture_of_two_classes_gets_the_mixture_of_their_scales_and_shifts() -> None:
    layer = ConditionalBatchNorm(4, CLASSES).eval()
    nn.init.normal_(layer.scale)
    nn.init.normal_(layer.shift)
    values = torch.randn(1, 4, 2, 2)

    half = layer(values, (one_hot(0) + one_hot(1)) / 2)
    torch.testing.assert_close(half, (layer(values, one_hot(0)) + layer(values, one_hot(1))) / 2)


def test_conditional_batch_norm_keeps_channels_last() -> None:
    values = torch.randn(3, 4, 2, 5).to(memory_format=torch.channels_last)

    assert ConditionalBatchNorm(4, CLASSES)(values, one_hot(0, 1, 2)).is_contiguous(memory_format=torch.channels_last)


def test_a_class_embedding_passes_the_noise_on_and_appends_the_numbers_of_the_class() -> None:
    layer = ClassEmbedding(CLASSES, 4)
    noise = torch.randn(2, 5)

    embedded = layer(torch.cat([noise, one_hot(2, 0)], dim=1))
    torch.testing.assert_close(embedded, torch.cat([noise, layer.weight[[2, 0]]], dim=1))


def test_a_projection_scores_features_by_a_linear_map_that_is_its_classs_own() -> None:
    layer = Projection(6, CLASSES)
    features, labels = torch.randn(4, 6), torch.tensor([0, 2, 1, 2])

    own = layer.linear.weight + layer.embedding.weight[labels]  # (4, 6)
    torch.testing.assert_close(layer(features, labels)[:, 0], (own * features).sum(dim=1) + layer.linear.bias)


def test_a_projections_embeddings_are_initialised_as_widely_as_its_linear_map() -> None:
    torch.manual_seed(0)
    layer = Projection(400, 10)

    assert layer.embedding.weight.abs().max() <= 0.05
    assert layer.embedding.weight.std().item() == pytest.approx(layer.linear.weight.std().item(), rel=0.1)


def test_a_conditional_discriminator_without_labels_says_what_is_missing() -> None:
    network = build_network(dcgan.discriminator_plan((1, 8, 8), 4, classes=CLASSES), seed=1)

    with pytest.raises(ValueError, match="is conditional: call it with the labels"):
        network(torch.randn(2, 1, 8, 8))


def test_unconditional_networks_accept_and_ignore_labels() -> None:
    images = torch.randn(2, 1, 8, 8)
    network = build_network(mlp.discriminator_plan((1, 8, 8), hidden=(4,), dropout=0.0), seed=1)

    assert torch.equal(network(images, torch.tensor([0, 1])), network(images))


@pytest.mark.parametrize("family", [mlp, dcgan])
def test_the_class_changes_the_image_and_the_score(family) -> None:
    torch.manual_seed(0)
    generator = build_network(family.generator_plan(5, (1, 8, 8), classes=CLASSES), seed=1).eval()
    discriminator = build_network(family.discriminator_plan((1, 8, 8), classes=CLASSES), seed=2).eval()
    noise = torch.randn(1, 5).expand(2, 5)

    images = generator(torch.cat([noise, one_hot(0, 1)], dim=1))
    assert not torch.allclose(images[0], images[1])
    scores = discriminator(images[[0, 0]], torch.tensor([0, 1]))
    assert not torch.allclose(scores[0], scores[1])


def test_self_attention_is_initialised_as_the_identity() -> None:
    values = torch.randn(2, 16, 3, 4)

    assert torch.equal(SelfAttention(16, 2)(values), values)


@settings(max_examples=20, deadline=None)
@given(height=st.integers(1, 4), width=st.integers(1, 4), channels_last=st.booleans())
def test_self_attention_is_the_papers_formula(height: int, width: int, channels_last: bool) -> None:
    torch.manual_seed(height + 10 * width)
    layer = SelfAttention(16, 2)
    nn.init.constant_(layer.gamma, 0.5)
    values = torch.randn(2, 16, height, width)
    places = values.flatten(2)  # (B, C, N)

    def map_by(conv: nn.Module) -> torch.Tensor:
        return torch.einsum("oc,bcn->bon", conv.weight[:, :, 0, 0], places)

    similar = torch.einsum("bci,bcj->bij", map_by(layer.query), map_by(layer.key))
    seen = torch.einsum("bij,bcj->bci", similar.softmax(dim=2), map_by(layer.value))
    expected = places + 0.5 * torch.einsum("oc,bcn->bon", layer.output.weight[:, :, 0, 0], seen)

    given_as = torch.channels_last if channels_last else torch.contiguous_format
    found = layer(values.to(memory_format=given_as))
    torch.testing.assert_close(found.flatten(2), expected)


@pytest.mark.parametrize("plan", [dcgan.generator_plan(5, (1, 8, 8), 8, CLASSES, attention=4)])
def test_half_precision_keeps_the_scales_of_classes_exact_enough(plan) -> None:
    network = build_network(plan, seed=1)
    latents = torch.cat([torch.randn(3, 5), one_hot(0, 1, 2)], dim=1)
    exact = network(latents)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = network(latents)

    torch.testing.assert_close(rounded.float(), exact, atol=0.06, rtol=0)


@pytest.mark.parametrize(
    "layer",
    [
        SelfAttention(4, 2),
        ConditionalBatchNorm(4, CLASSES).eval(),
        build_network(dcgan.discriminator_plan((1, 16, 16), base_channels=4, attention=8), seed=0).eval(),
        build_network(dcgan.generator_plan(3, (1, 16, 16), base_channels=4, attention=8, classes=CLASSES), 0).eval(),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_every_layer_takes_a_batch_of_nothing(layer: nn.Module) -> None:
    shape = {SelfAttention: (4, 5, 3), ConditionalBatchNorm: (4, 5, 3)}.get(type(layer), (1, 16, 16))
    inputs = [torch.empty(0, *shape)]
    if isinstance(layer, ConditionalBatchNorm):
        inputs.append(torch.empty(0, CLASSES))
    if getattr(layer, "classes", 0):
        inputs = [torch.empty(0, 3 + CLASSES)]
    assert len(layer(*inputs)) == 0
