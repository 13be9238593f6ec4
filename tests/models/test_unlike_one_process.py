"""Layers that do not give in several processes what they would in one are found by name."""

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from pipeline.models.unet import UNet
from pipeline.models.unlike_one_process import by_share, drops_out, statistics_by_share, unknown
from pipeline.models.whole_batch import see_whole_batches
from pipeline.ranks.ranks import Ranks


class Own(nn.Module):
    """A custom layer with statistics and a counter."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))


def seen(*layers):
    network = nn.Sequential(*layers)
    see_whole_batches(network, Ranks(0, 2))
    return network


@pytest.mark.parametrize(
    "layer",
    [
        nn.BatchNorm1d(2), nn.Dropout(), nn.LayerNorm(2), nn.GroupNorm(1, 2), nn.InstanceNorm2d(2), nn.LSTM(2, 2),
        nn.MultiheadAttention(2, 1), spectral_norm(nn.Linear(2, 2)), UNet((1, 8, 8), (8,), dropout=0.1),
    ],
)  # fmt: skip
def test_layers_that_treat_every_image_alone_or_see_the_whole_batch_are_not_named(layer):
    network = seen(layer)
    assert by_share(network) == unknown(network) == statistics_by_share(network) == []


@pytest.mark.parametrize(
    "layer",
    [
        nn.RReLU(), nn.AlphaDropout(), nn.InstanceNorm2d(2, track_running_stats=True), nn.SyncBatchNorm(2),
        nn.MultiheadAttention(2, 1, dropout=0.1), nn.LSTM(2, 2, 2, dropout=0.1),
    ],
)  # fmt: skip
def test_layers_of_torch_that_see_or_draw_for_their_share_alone_are_named(layer):
    assert by_share(seen(nn.Linear(2, 2), layer)) == [f"1 ({type(layer).__name__})"]


def test_custom_layers_are_named_even_if_torch_has_derived_a_class_from_theirs():
    class Linear(nn.Linear):
        pass

    network = seen(Own(), spectral_norm(Linear(2, 2)))
    assert unknown(network) == ["0 (Own)", "1 (ParametrizedLinear)"]
    assert by_share(network) == []


def test_only_statistics_that_depend_on_the_share_are_averaged():
    network = seen(nn.BatchNorm1d(2), Own(), nn.InstanceNorm1d(2, track_running_stats=True))
    assert [id(each) for each in statistics_by_share(network)] == [
        id(network[1].mean), id(network[2].running_mean), id(network[2].running_var),
    ]  # fmt: skip


def test_dropout_counts_only_if_it_drops_something():
    assert drops_out(seen(nn.Dropout(0.1)))
    assert not drops_out(seen(nn.Dropout(0.0)))
