"""What every metric says of sets whose faults are known: real digits in place of generated ones, left as they are or
spoilt."""

from dataclasses import replace

import pytest
import torch

from pipeline.data.images import to_array
from pipeline.data.sources import load
from pipeline.evaluation.features.digits import digits_features
from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Images, Sets

N, TRAINING, KEPT_CLASSES = 500, 2700, 3

ORDER = {
    "sliced_distance": ("real", "three classes", "noise"),
    "precision": ("real", "noise"),
    "recall": ("real", "three classes", "noise"),
    "density": ("real", "noise"),
    "coverage": ("real", "three classes", "noise"),
    "clipped_density": ("real", "noise"),
    "clipped_coverage": ("real", "three classes", "noise"),
    "frechet_distance": ("real", "three classes", "noise"),
    "frechet_extrapolated": ("real", "three classes", "noise"),
    "kid": ("real", "three classes", "noise"),
    "wasserstein_distance": ("real", "three classes", "noise"),
    "wasserstein_pixels": ("real", "noise"),
    "vendi_score": ("real", "three classes", "noise"),
    "classifier_score": ("real", "three classes", "noise"),
    "class_shares": ("real", "three classes"),
}
"""From good to bad, by metric: intervals of neighbours do not overlap. Precision and its kin see nothing wrong with
three classes, and a hundred images as pixels are too few to see it. None but AuthPct sees the copies."""


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """The training and held-out images, and by name the images that stand for generated ones."""
    train, held_out = load("mnist-5k", 0, "cpu", tmp_path_factory.mktemp("home"))
    extractor, pixels, labels = digits_features(), train.pixels, train.labels

    def images(chosen):
        seen = extractor.of(chosen)
        return Images(seen.features.numpy(), to_array(chosen), seen.probabilities.numpy())

    # Real images that count as neither training nor held-out ones.
    left, classes = pixels[TRAINING:], labels[TRAINING:]
    noise = torch.randint(0, 256, (N, *train.shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    real = Sets(images(left[:N]), images(held_out.pixels), images(pixels[:TRAINING]), extractor.class_names)
    return real, {
        "real": real.generated,
        "three classes": images(left[classes < KEPT_CLASSES][:N]),
        "half copies": images(torch.cat([pixels[: N // 2], left[: N // 2]])),
        "noise": images(noise),
    }


@pytest.fixture(scope="module")
def measured(sets):
    """`measured(metric, name)`: the value for a set, measured once."""
    known, (real, generated) = {}, sets

    def of(metric, name):
        if (metric, name) not in known:
            known[metric, name] = METRICS[metric].of(replace(real, generated=generated[name]))
        return known[metric, name]

    return of


@pytest.mark.parametrize("metric", ORDER)
def test_worse_images_have_worse_values(metric, measured):
    sign = 1 if METRICS[metric].better == "lower" else -1
    for better, worse in zip(ORDER[metric], ORDER[metric][1:], strict=False):
        ends = sorted(sign * end for end in (measured(metric, better).low, measured(metric, better).high))
        worse_ends = sorted(sign * end for end in (measured(metric, worse).low, measured(metric, worse).high))
        assert ends[1] < worse_ends[0], f"{better}: {measured(metric, better)}, {worse}: {measured(metric, worse)}"


@pytest.mark.parametrize("metric", ORDER)
def test_half_copies_of_training_images_look_real_to_it(metric, measured):
    real, copies = measured(metric, "real"), measured(metric, "half copies")
    assert copies.low <= real.high and real.low <= copies.high


def test_authpct_shows_the_copies_and_takes_noise_for_authentic(sets, measured):
    real, _ = sets
    floor = METRICS["auth_pct"].of(real.floor("held out"))
    assert measured("auth_pct", "half copies").high < floor.low - 0.1
    assert measured("auth_pct", "real").low < floor.value < measured("auth_pct", "real").high
    assert measured("auth_pct", "noise").value > floor.high


def test_missing_classes_are_counted_by_name(measured):
    found = measured("class_shares", "three classes")
    assert found.details["missing modes"] == 10 - KEPT_CLASSES
    assert found.details["share of 7"] < 0.01 < found.details["real share of 7"]
