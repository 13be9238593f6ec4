"""Networks as expressions: what is written makes an equal network again."""

from collections import OrderedDict

import pytest
import torch
from torch import nn

from pipeline.errors.training import UnwritableModel
from pipeline.models import dcgan, mlp, modules, resnet, spectral, unet
from pipeline.models.build import build_network
from pipeline.standalone.module_source import memory_format, module_expression

NETWORKS = {
    "conditional and attending generator": build_network(dcgan.generator_plan(8, (1, 16, 16), 8, 3, attention=8), 0),
    "projection discriminator": build_network(mlp.discriminator_plan((1, 8, 8), (16,), classes=3), 0),
    "residual generator": build_network(resnet.generator_plan(8, (3, 8, 8), 8), 0),
    "pooling discriminator": build_network(resnet.discriminator_plan((3, 8, 8), 4), 0),
    "spectrally normalized": spectral.with_spectral_norm(build_network(dcgan.discriminator_plan((1, 8, 8), 4), 0), 0),
    "UNet": unet.UNet((1, 10, 8), (16, 24), attention=(5,), classes=2, patch=2, dropout=0.1),
    "numbered and named layers": nn.Sequential(
        nn.Conv2d(1, 2, (3, 5), padding=(1, 2)), nn.Sequential(OrderedDict(act=nn.GELU("tanh"), off=nn.Identity()))
    ),
}
NAMES = {"nn": nn, "torch": torch, "OrderedDict": OrderedDict, "with_spectral_norm": spectral.with_spectral_norm}
NAMES |= {name: each for module in (modules, unet) for name, each in vars(module).items() if isinstance(each, type)}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_expression_of_a_network_makes_one_with_equal_layers_weights_and_memory_format(name):
    network = NETWORKS[name]
    expression, used = module_expression("network", network)
    made = eval(expression + memory_format(network), NAMES)
    assert repr(made) == repr(network)
    shapes, wanted = ({key: each.shape for key, each in of.state_dict().items()} for of in (made, network))
    assert shapes == wanted
    assert [each.stride() for each in made.parameters()] == [each.stride() for each in network.parameters()]
    assert all(getattr(each, "__module__", "").startswith("pipeline.models.") for each in used)


def test_what_is_a_default_is_not_written():
    assert module_expression("network", nn.Conv2d(1, 2, 3))[0] == "nn.Conv2d(1, 2, kernel_size=3)"
    assert module_expression("network", nn.BatchNorm2d(4))[0] == "nn.BatchNorm2d(4)"


def test_a_class_of_unknown_origin_is_refused():
    class Skipping(nn.Module):
        pass

    with pytest.raises(UnwritableModel, match=r"its generator has a layer of the class .*Skipping"):
        module_expression("generator", nn.Sequential(Skipping()))


def test_a_network_that_is_normalized_in_part_is_refused():
    network = nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2)), nn.Linear(2, 1))
    with pytest.raises(UnwritableModel, match="only some of the weights"):
        module_expression("discriminator", network)
