import pytest
import torch
import torchvision
from torch.nn import functional as F

from pipeline.evaluation.features.from_file import features_from_file
from pipeline.evaluation.features.inception import resized_as_by_tensorflow, untrained


@pytest.fixture(scope="module")
def weights():
    torch.manual_seed(0)
    network = untrained()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.02, 0.06)
    # Files of pytorch-fid have no counters of batches.
    return {name: each for name, each in network.state_dict().items() if not name.endswith("num_batches_tracked")}


@pytest.mark.slow
def test_it_is_torchvisions_network_with_tensorflows_pooling(weights, tmp_path, monkeypatch):
    torch.save(weights, tmp_path / "fid.pth")
    extractor = features_from_file(tmp_path / "fid.pth", "cpu")
    pixels = torch.randint(0, 256, (1, 1, 20, 30), dtype=torch.uint8)
    found = extractor.of(pixels).features
    assert extractor.inception and found.shape == (1, 2048)

    theirs = torchvision.models.Inception3(1008, aux_logits=False, init_weights=False)
    theirs.load_state_dict(dict(weights))
    theirs.fc = torch.nn.Identity()
    calls = []

    def pooled(images, **options):
        calls.append(images.shape[1])
        last = images.shape[1] == 2048
        return F.max_pool2d(images, 3, 1, 1) if last else F.avg_pool2d(images, **options, count_include_pad=False)

    monkeypatch.setattr(
        "torchvision.models.inception.F", type("F", (), {**vars(F), "avg_pool2d": staticmethod(pooled)})
    )
    images = (resized_as_by_tensorflow(pixels.expand(-1, 3, -1, -1).float(), 299) - 128) / 128
    with torch.no_grad():
        assert torch.allclose(found, theirs.eval()(images), rtol=1e-4)
    assert calls.count(2048) == 1 and len(calls) == 9


def test_images_are_resized_from_their_corner_without_smoothing():
    """TensorFlow 1: pixel i of the result is at i · length / size of the image."""
    row = torch.tensor([[[[0.0, 10.0, 20.0, 30.0]]]]).expand(1, 1, 4, 4)
    assert resized_as_by_tensorflow(row, 8)[0, 0, 0].tolist() == [0, 5, 10, 15, 20, 25, 30, 30]
    assert resized_as_by_tensorflow(row, 2)[0, 0, 0].tolist() == [0, 20]
