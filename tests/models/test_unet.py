import pytest
import torch

from pipeline.models.module_layers import measure_layers
from pipeline.models.unet import UNet, embed_times


def inputs(shape, count=3, classes=0):
    generator = torch.Generator().manual_seed(0)
    images, times = torch.randn(count, *shape, generator=generator), torch.rand(count, generator=generator)
    return (images, times, torch.arange(count) % classes) if classes else (images, times)


def awake(network):
    """The network with no weight left at 0."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in network.parameters():
            weight += 0.05 * torch.randn(weight.shape, generator=generator)
    return network


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((1, 28, 28), {"patch": 2}),
        ((4, 7, 7), {"widths": (64, 128)}),
        ((3, 32, 16), {"widths": (8, 16, 24), "blocks": 2, "attention": (8, 16)}),
        ((1, 5, 5), {"widths": (8, 8, 8)}),
    ],
)
def test_a_prediction_has_the_shape_of_its_image_and_is_zero_before_training(shape, options):
    made = UNet(shape, **options)(*inputs(shape))
    assert made.shape == (3, *shape) and not made.any()


def test_every_weight_learns_and_time_and_class_change_the_prediction():
    network = awake(UNet((1, 8, 8), (8, 16), attention=(4,), classes=3))
    images, times, labels = inputs((1, 8, 8), classes=3)
    network(images, times, labels).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in network.parameters())
    made = network(images, times, labels)
    for other in (network(images, times + 0.1, labels), network(images, times, labels.roll(1))):
        assert (made - other).abs().flatten(1).amax(1).min() > 1e-4
    with pytest.raises(ValueError, match="needs labels"):
        network(images, times)


def test_images_of_a_batch_do_not_affect_each_other():
    network = awake(UNet((1, 8, 8), (8, 16), attention=(4,))).eval()
    images, times = inputs((1, 8, 8))
    torch.testing.assert_close(network(images[1:], times[1:]), network(images, times)[1:])


def test_its_layer_table_is_read_without_memory_and_counts_its_weights():
    with torch.device("meta"):
        network = UNet((1, 28, 28), (32, 64), patch=2, classes=10)
        table = measure_layers(network, (torch.empty(2, 1, 28, 28), torch.empty(2), torch.empty(2, dtype=torch.int64)))
    assert table.parameters == sum(weight.numel() for weight in network.parameters()) and table.multiply_adds > 1e6


def test_patches_must_fit():
    with pytest.raises(ValueError, match="patches of 3 do not fit into images of 28×28"):
        UNet((1, 28, 28), patch=3)


def test_times_are_embedded_as_sines_and_cosines():
    found = embed_times(torch.tensor([0.0, 0.002]), 4)
    expected = [[1, 1, 0, 0], [*torch.tensor([2.0, 0.02]).cos().tolist(), *torch.tensor([2.0, 0.02]).sin().tolist()]]
    torch.testing.assert_close(found, torch.tensor(expected))
