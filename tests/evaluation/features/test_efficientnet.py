import numpy as np
import pytest
import torch
from sklearn.datasets import load_sample_image

from pipeline.evaluation.features import efficientnet as module
from pipeline.evaluation.features.efficientnet import (
    DIMENSIONS,
    SamePadding,
    efficientnet_features,
    input_size,
    weights_path,
)

DAISY, BELL_COTE = 985, 442
"""ImageNet's numbers of what scikit-learn's two photographs show: flowers and a pagoda's roof."""


@pytest.mark.parametrize(("name", "expected"), [("flower.jpg", DAISY), ("china.jpg", BELL_COTE)])
def test_with_the_layer_that_it_leaves_out_it_names_a_photograph(name, expected):
    photograph = np.ascontiguousarray(load_sample_image(name)[:, 106:533].transpose(2, 0, 1))
    features = efficientnet_features("cpu", 427).of(torch.from_numpy(photograph)[None]).features
    last = torch.load(weights_path(), weights_only=True)
    assert (features @ last["_fc.weight"].T + last["_fc.bias"]).argmax().item() == expected


@pytest.mark.parametrize(("size", "kernel", "stride"), [(8, 3, 2), (7, 3, 2), (8, 5, 2), (9, 5, 1), (5, 1, 1)])
def test_the_odd_pixel_of_padding_comes_last(size, kernel, stride):
    layer = SamePadding(1, 1, kernel, stride)
    torch.nn.init.ones_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    found = layer(torch.ones(1, 1, size, size))[0, 0]
    assert found.shape == (-(-size // stride),) * 2
    # The sum of the pixels under the window counts those inside the image.
    missing = max(0, (len(found) - 1) * stride + kernel - size)
    inside = [
        min(size, i * stride - missing // 2 + kernel) - max(0, i * stride - missing // 2) for i in range(len(found))
    ]
    assert torch.equal(found, torch.tensor(inside).float().outer(torch.tensor(inside).float()))


def test_grey_images_are_those_in_colour_and_no_batch_changes_another_image():
    extractor = efficientnet_features("cpu", 28)
    pixels = torch.randint(0, 256, (5, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    found = extractor.of(pixels)
    assert found.features.shape == (5, DIMENSIONS) and found.probabilities is None and extractor.class_names == ()
    assert torch.allclose(extractor.of(pixels.expand(-1, 3, -1, -1)).features, found.features)
    assert torch.allclose(extractor.of(pixels[3:4]).features, found.features[3:4], atol=1e-5)


def test_small_images_are_enlarged_four_times_at_most():
    assert [input_size(size) for size in (8, 28, 32, 64, 500)] == [64, 112, 128, 224, 224]
    extractor = efficientnet_features("cpu", 28)
    assert extractor.resize == "bilinear, antialiased, to 112 × 112"
    assert len(extractor.digest) == 12 and module.weights_path().name.endswith(".pth")
