"""Which layers see the whole batch; that they equal torch's on it is in `tests/ranks/test_two_processes.py`."""

import torch
from torch import nn

from pipeline.models.modules import ConditionalBatchNorm
from pipeline.models.whole_batch import SYNCED, see_whole_batches
from pipeline.ranks.ranks import ALONE, Ranks


def network():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout2d(0.5), nn.Flatten(), nn.Dropout(0.5))


def test_only_in_several_processes_layers_are_changed_and_their_weights_stay():
    alone, shared = network(), network()
    see_whole_batches(alone, ALONE)
    see_whole_batches(shared, Ranks(1, 2))
    assert [type(layer) for layer in alone] == [type(layer) for layer in network()]
    assert [type(layer).__name__ for layer in shared if type(layer) in SYNCED.values()] == [
        "WholeBatchNorm2d", "WholeDropout2d", "WholeDropout",
    ]  # fmt: skip
    assert list(shared.state_dict()) == list(alone.state_dict())
    assert all(issubclass(synced, layer) for layer, synced in SYNCED.items())


def test_a_single_process_can_draw_images_with_them():
    shared, images = network().eval(), torch.randn(3, 1, 8, 8)
    expected = shared(images)
    conditional = ConditionalBatchNorm(1, 2).eval()
    normalized = conditional(images, torch.eye(2)[[0, 1, 1]])
    for each in (shared, conditional):
        see_whole_batches(each, Ranks(1, 2))
    # Outside training nothing is asked of other processes, of which there are none here.
    assert torch.equal(shared(images), expected)
    assert torch.equal(conditional(images, torch.eye(2)[[0, 1, 1]]), normalized)
