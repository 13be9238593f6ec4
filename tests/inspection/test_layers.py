"""The layers of various networks and their names."""

import torch

from pipeline.inspection.activations import listening
from pipeline.inspection.layers import layers, weight_name, weights_of
from pipeline.models import dcgan, resnet
from pipeline.models.build import build_network
from pipeline.models.conditioning import EMBEDDING_DIM
from pipeline.models.spectral import with_spectral_norm


def discriminator():
    return build_network(resnet.discriminator_plan((1, 8, 8), 4, classes=3, attention=4), seed=1)


def test_a_residual_block_is_a_layer_in_addition_to_those_inside_it():
    assert [name for name, _ in layers(discriminator())] == [
        "down_block_1 Residual",
        "down_block_1.main.conv2d_1 Conv2d",
        "down_block_1.main.relu_1 ReLU",
        "down_block_1.main.conv2d_2 Conv2d",
        "down_block_1.main.avg_pool2d_1 AvgPool2d",
        "down_block_1.shortcut.avg_pool2d_1 AvgPool2d",
        "down_block_1.shortcut.conv2d_1 Conv2d",
        "self_attention_1 SelfAttention",
        "self_attention_1.query Conv2d",
        "self_attention_1.key Conv2d",
        "self_attention_1.value Conv2d",
        "self_attention_1.output Conv2d",
        "block_1 Residual",
        "block_1.main.relu_1 ReLU",
        "block_1.main.conv2d_1 Conv2d",
        "block_1.main.relu_2 ReLU",
        "block_1.main.conv2d_2 Conv2d",
        "relu_1 ReLU",
        "global_pool_1 GlobalPool",
        "projection_1.linear Linear",
        "projection_1.embedding Embedding",
    ]


def test_spectral_normalization_changes_no_name_and_no_number_of_weights():
    plain, normalized = discriminator(), with_spectral_norm(discriminator(), seed=2)
    assert [name for name, _ in layers(normalized)] == [name for name, _ in layers(plain)]
    for (name, module), (_, before) in zip(layers(normalized), layers(plain), strict=True):
        assert sum(w.numel() for w in weights_of(module)) == sum(w.numel() for w in weights_of(before)), name


def test_the_weights_of_all_layers_are_the_weights_of_the_network():
    for network in (discriminator(), with_spectral_norm(discriminator(), seed=2)):
        of_layers = {id(weight) for _, module in layers(network) for weight in weights_of(module)}
        assert of_layers == {id(weight) for weight in network.parameters()}


def test_a_normalized_weight_has_the_name_of_a_plain_one():
    names = {weight_name(name) for name, _ in with_spectral_norm(discriminator(), seed=2).named_parameters()}
    assert names == {name for name, _ in discriminator().named_parameters()}


def test_every_layer_of_a_conditional_generator_is_shown_for_a_latent():
    generator = build_network(dcgan.generator_plan(5, (1, 8, 8), 8, classes=3, attention=4), seed=1)
    with torch.no_grad(), listening(generator.eval()) as heard:
        generator(torch.randn(1, 8))
    outputs = heard.outputs
    assert outputs["class_embedding_1 ClassEmbedding"].shape == (1, 5 + EMBEDDING_DIM)
    assert outputs["conditional_batch_norm_1 ConditionalBatchNorm"].shape == (1, 8, 4, 4)
    assert outputs.keys() == {name for name, _ in layers(generator)}
