import pytest
import torch

from pipeline.data.images import ImageSet
from pipeline.data.sources import load
from pipeline.errors.features import NoFeatures
from pipeline.evaluation.features import own
from pipeline.evaluation.features.own import Classifier, own_features
from pipeline.training.parts import RealImages

pytestmark = pytest.mark.usefixtures("one_thread")


def squares(count=60, channels=3, size=16, kinds=3, seed=0):
    """Noise with a bright stripe at a third of the height, one for each class."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % kinds
    pixels = torch.randint(0, 120, (count, channels, size, size), dtype=torch.uint8, generator=random)
    for image, label in zip(pixels, labels.tolist(), strict=True):
        image[:, size * label // kinds : size * (label + 1) // kinds] += 100
    return ImageSet(pixels, labels)


def real(kinds=3, **facts):
    return RealImages("data", squares(kinds=kinds, **facts), squares(30, kinds=kinds, seed=1, **facts), kinds)


@pytest.fixture
def _few_steps(monkeypatch):
    monkeypatch.setattr(own, "STEPS", 30)
    monkeypatch.setattr(own, "DRAWN", 16)


@pytest.mark.usefixtures("_few_steps")
def test_it_learns_the_classes_once_and_is_kept_with_its_accuracy(tmp_path):
    steps = []
    first = own_features(real(), tmp_path, "cpu", lambda doing, done, total: steps.append(done))
    assert steps == [*range(31)]
    again = own_features(real(), tmp_path, "cpu", lambda *done: pytest.fail("trained again"))
    pixels = squares(9, seed=2).pixels
    assert torch.equal(again.of(pixels).features, first.of(pixels).features)
    assert (again.digest, again.accuracy, again.class_names) == (first.digest, first.accuracy, ("0", "1", "2"))
    assert first.accuracy > 0.9
    assert (first.of(pixels).probabilities.argmax(1) == torch.arange(9) % 3).float().mean() > 0.8


@pytest.mark.usefixtures("_few_steps")
def test_a_damaged_file_is_trained_again_to_the_same_weights(tmp_path):
    first = own_features(real(), tmp_path, "cpu")
    (file,) = (tmp_path / "features").iterdir()
    for content in (b"", file.read_bytes()[:-9], b"\xff" * 100):
        file.write_bytes(content)
        assert own_features(real(), tmp_path, "cpu").digest == first.digest
    assert [path.name for path in (tmp_path / "features").iterdir()] == [file.name]


@pytest.mark.usefixtures("_few_steps")
def test_other_images_have_another_classifier_and_stopping_leaves_none(tmp_path):
    def stop(doing, done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        own_features(real(), tmp_path, "cpu", stop)
    assert not (tmp_path / "features").exists()
    before = torch.get_rng_state()
    digests = {own_features(images, tmp_path, "cpu").digest for images in (real(), real(channels=1), real(kinds=2))}
    assert len(digests) == 3 and torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (17, 9), (40, 30), (64, 33)])
def test_a_network_takes_images_of_any_size(height, width):
    assert Classifier(3, height, width, 5)(torch.zeros(2, 3, height, width)).shape == (2, 5)


@pytest.mark.usefixtures("_few_steps")
def test_large_images_shrink_to_64_pixels(tmp_path):
    extractor = own_features(real(size=100), tmp_path, "cpu")
    assert extractor.resize == "bilinear, antialiased, to 64 × 64"
    assert extractor.of(squares(3, size=100).pixels).features.shape == (3, 64)


def test_images_without_labels_or_of_a_few_pixels_are_refused(tmp_path):
    with pytest.raises(NoFeatures, match=r"no labels of two classes or more\. Choose 'efficientnet'"):
        own_features(real(kinds=1), tmp_path, "cpu")
    with pytest.raises(NoFeatures, match="smaller than 8 pixels"):
        own_features(real(size=6), tmp_path, "cpu")


@pytest.mark.slow
def test_a_fifth_of_its_training_is_enough_for_most_digits(tmp_path, monkeypatch):
    monkeypatch.setattr(own, "STEPS", own.STEPS // 5)
    train, held_out = load("mnist-5k", 0, "cpu", tmp_path)
    assert own_features(RealImages("data", train, held_out, 10), tmp_path, "cpu").accuracy > 0.9
