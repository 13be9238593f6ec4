"""Two named sets: MedMNIST's blood cells, read from a file in its own format, and the crops of one photograph."""

import numpy as np
import pytest

from pipeline.data.named import read_named
from pipeline.data.sets import FACTS
from pipeline.errors.training import DataUnavailable

CELLS = FACTS["bloodmnist"]
PARTS = {"train": 11_959, "val": 1_712, "test": 3_421}


def put_cells(home, **counts):
    """A file in MedMNIST's format; each image is as dark as its label says."""
    arrays = {}
    for part, count in (PARTS | counts).items():
        labels = np.arange(count, dtype=np.uint8) % 8
        arrays[f"{part}_labels"] = labels[:, None]
        arrays[f"{part}_images"] = np.broadcast_to(labels[:, None, None, None] * 30, (count, 28, 28, 3))
    (home / "downloads").mkdir()
    np.savez(home / "downloads" / "bloodmnist.npz", **arrays)


def test_a_medmnist_file_in_downloads_is_read_with_its_split(tmp_path):
    put_cells(tmp_path)
    images = read_named("bloodmnist", tmp_path)
    assert images.pixels.shape == CELLS.shape == (17_092, 3, 28, 28)
    assert (images.pixels[:, 0, 0, 0] == images.labels * 30).all()
    assert images.labels[: CELLS.train].tolist() == (np.arange(11_959) % 8).tolist()
    assert np.bincount(images.labels).min() > 2_000


def test_another_set_under_its_name_is_refused(tmp_path):
    put_cells(tmp_path, val=5)
    with pytest.raises(DataUnavailable, match="15,385 images of another set"):
        read_named("bloodmnist", tmp_path)


def test_held_out_petals_share_no_pixel_with_training_petals(tmp_path, monkeypatch):
    # A photograph whose red is the column of a pixel, counted from 196, and its green the row, counted from 120.
    photograph = np.zeros((427, 640, 3), np.uint8)
    photograph[..., 0] = np.clip(np.arange(640) - 196, 0, 255)
    photograph[..., 1] = np.clip(np.arange(427) - 120, 0, 255)[:, None]
    monkeypatch.setattr("sklearn.datasets.load_sample_image", lambda name: photograph)
    pixels = read_named("petals", tmp_path).pixels.astype(int)
    assert pixels.shape == FACTS["petals"].shape == (4_400, 3, 32, 32)
    columns, rows = pixels[:, 0, 0, :], pixels[:, 1, :, 0]
    # One pixel of a crop is the mean of 2×2 pixels of the photograph, so 32 of them are 64 wide.
    assert set((columns[:, -1] - columns[:, 0]).tolist()) == {62}
    assert set((rows[:, -1] - rows[:, 0]).tolist()) == {62}
    border = 340 - 196
    assert columns[:4_000].max() < border <= columns[4_000:].min()


def test_petals_are_the_same_every_time_and_no_two_have_the_same_position(tmp_path):
    first, again = (read_named("petals", tmp_path / name) for name in ("a", "b"))
    assert (first.pixels == again.pixels).all()
    assert len({image.tobytes() for image in first.pixels}) == len(first.pixels)
