"""Live augmentation: strengths are the run's live values; two augmentations are applied in order."""

import torch

from pipeline.augmentation.augmentation import Augmentation
from pipeline.augmentation.live import OPERATIONS, LiveAugmentation


def live(node: str, **strengths: float) -> dict[str, float]:
    values = dict.fromkeys(OPERATIONS, 0.0) | {"probability": 1.0} | strengths
    return {f"{node}.{name}": value for name, value in values.items()}


def test_strengths_are_the_live_values_of_its_node(images):
    ours, expected = torch.Generator().manual_seed(2), torch.Generator().manual_seed(2)
    values = live("warp", rotate=20.0, probability=0.5) | live("other", rotate=90.0)
    changed = LiveAugmentation("warp")(images(), ours, values)
    assert torch.equal(changed, Augmentation(rotate=20.0).apply(images(), expected, 0.5).clamp(-1, 1))


def test_the_result_stays_within_the_range_of_images(images, generator):
    after = LiveAugmentation("a")(images(), generator, live("a", noise=0.5, brightness=1.0))
    assert (after.min(), after.max()) == (-1, 1)


def test_two_augmentations_are_applied_in_order(images, generator):
    before = LiveAugmentation("first")
    both = LiveAugmentation("second", before)
    values = live("first", horizontal_flip=1.0) | live("second", vertical_flip=1.0)
    assert torch.equal(both(images(), generator, values), images().flip(2, 3))
