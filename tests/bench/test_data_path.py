"""Compare drawing, scaling and augmenting a batch in a few operations on the device with doing it image by image.

Image by image is the usual way: a DataLoader over torchvision's transforms on PIL images. Both augment the same digits
by the same geometry, colour and cutout with the same strengths. They alternate round by round on one core each: ours on
one thread, the loader without workers. The loader's speed with two workers, on twice the cores, is also printed.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.transforms import InterpolationMode

from pipeline.augmentation.live import OPERATIONS, LiveAugmentation
from pipeline.data import sources
from pipeline.data.batches import Batches
from pipeline.data.images import ImageSet
from pipeline.graph.node import Link
from pipeline.nodes.inputs.augment import Augment

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.slow,
    pytest.mark.speed,
    # The loader forks its workers from a process in which torch has threads; the workers use none of these.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

BATCH, ROUNDS = 64, 7
OURS, THEIRS = 200, 14
"""Number of batches in a round."""
READY = 5
AT_LEAST = 20.0

Next = Callable[[], object]


class OneByOne(Dataset[torch.Tensor]):
    """The same images with the same augmentations by torchvision; stored as an array, as in torchvision's MNIST."""

    def __init__(self, images: ImageSet, policy: Augment) -> None:
        self._images = images.pixels[:, 0]
        self._transform = transforms.Compose(
            [
                transforms.RandomAffine(
                    policy.rotate,
                    (policy.translate, policy.translate),
                    (1 / (1 + policy.scale), 1 + policy.scale),
                    interpolation=InterpolationMode.BILINEAR,
                ),
                transforms.ColorJitter(policy.brightness, policy.contrast),
                transforms.ToTensor(),
                transforms.Normalize(0.5, 0.5),
                transforms.RandomErasing(1.0, (policy.cutout**2, policy.cutout**2), (1.0, 1.0)),
            ]
        )

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> torch.Tensor:
        image: torch.Tensor = self._transform(Image.fromarray(self._images[index].numpy()))
        return image


def ours(images: ImageSet, policy: Augment) -> Next:
    batches, random = Batches(images, 0, BATCH), torch.Generator().manual_seed(0)
    augment = LiveAugmentation("augment")
    live = {f"augment.{name}": getattr(policy, name) for name in (*OPERATIONS, "probability")}
    drawn = 0

    def draw() -> torch.Tensor:
        nonlocal drawn
        batch = batches.after(drawn)
        drawn += BATCH
        return augment(batch.images, random, live)

    return draw


def theirs(images: ImageSet, policy: Augment, workers: int) -> Next:
    loader = DataLoader(
        OneByOne(images, policy), BATCH, shuffle=True, drop_last=True, num_workers=workers,
        persistent_workers=workers > 0,
    )  # fmt: skip

    def endless() -> Iterator[torch.Tensor]:
        while True:
            yield from loader

    return endless().__next__


def milliseconds(draw: Next, batches: int) -> float:
    """Milliseconds for a batch, without the first batches, which workers may have prepared."""
    for _ in range(READY):
        draw()
    begun = time.perf_counter()
    for _ in range(batches):
        draw()
    return (time.perf_counter() - begun) / batches * 1000


def test_a_batch_is_drawn_and_augmented_many_times_faster_than_image_by_image(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    images = sources.load("mnist-5k", 0, "cpu", tmp_path)[0]
    policy = Augment(images=Link("data"), brightness=0.2, contrast=0.2, cutout=0.25)
    draw, alone, helped = ours(images, policy), theirs(images, policy, 0), theirs(images, policy, 2)
    for prepare in (draw, alone, helped):
        prepare()
    rounds = [
        (milliseconds(draw, OURS), milliseconds(alone, THEIRS), milliseconds(helped, THEIRS)) for _ in range(ROUNDS)
    ]
    times = [slow / fast for fast, slow, _ in rounds]
    with_workers = [slow / fast for fast, _, slow in rounds]
    each = ", ".join(f"{fast:.2f}, {slow:.1f} and {shared:.1f}" for fast, slow, shared in rounds)
    measured = (
        f"{in_words(times)} times as fast as a loader on one core, {in_words(with_workers)} times as one with two "
        f"workers; milliseconds a batch of {BATCH} by rounds: {each}"
    )
    print(f"\n{measured}")
    record_property("data_path_speed", measured)
    assert statistics.median(times) >= AT_LEAST, measured


def in_words(ratios: list[float]) -> str:
    """The median with its standard error, as text."""
    return f"{statistics.median(ratios):.1f} ± {1.25 * statistics.stdev(ratios) / len(ratios) ** 0.5:.1f}"
