"""Accepted kinds of images and how they are converted."""

import re

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from pipeline.api.images import facts, read
from pipeline.data.progress import no_progress
from pipeline.errors.training import UnfitImages

RAMP = torch.arange(64, dtype=torch.uint8).reshape(4, 1, 4, 4)


class Pictures(Dataset):
    """A dataset of arbitrary items."""

    def __init__(self, *items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, number):
        return self.items[number]


def sets(given, held_out=0.0):
    return read(given, held_out, no_progress, lambda sentence: None)


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (torch.tensor([0, 127, 255], dtype=torch.uint8), [0, 127, 255]),
        (torch.tensor([0.0, 0.5, 1.0]), [0, 128, 255]),
        (torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64), [0, 128, 255]),
        (torch.tensor([-1.0, 0.0, 1.0]), [0, 128, 255]),
        (torch.tensor([-0.001, 0.5, 1.0]), [127, 191, 255]),
    ],
)
def test_any_value_below_0_means_that_floats_are_in_minus_1_to_1(given, values):
    assert sets(given.reshape(1, 1, 1, 3)).pixels.flatten().tolist() == values


def test_images_without_channels_are_grey():
    assert sets(RAMP[:, 0]).pixels.shape == (4, 1, 4, 4)


def test_given_images_are_copied():
    given = RAMP.clone()
    sets(given).pixels.zero_()
    assert torch.equal(given, RAMP)


def test_a_share_of_every_class_is_held_out_with_its_labels():
    labels = torch.tensor([0, 1] * 10)
    images = torch.arange(20, dtype=torch.uint8).reshape(20, 1, 1, 1).expand(20, 1, 4, 4)
    found = sets(TensorDataset(images, labels), held_out=0.2)
    assert found.held_out_labels.sort().values.tolist() == [0, 0, 1, 1]
    assert len(found.pixels) == 16
    for pixels, numbers in ((found.pixels, found.labels), (found.held_out_pixels, found.held_out_labels)):
        assert torch.equal(pixels[:, 0, 0, 0] % 2, numbers)


def test_nothing_may_be_held_out():
    assert len(sets(RAMP).held_out_pixels) == 0
    with pytest.raises(UnfitImages, match=r"held_out=0.6: give a share from 0 to 0.5"):
        sets(RAMP, held_out=0.6)


def test_only_the_dataset_of_a_loader_is_used_and_the_user_is_told():
    said = []
    loader = DataLoader(TensorDataset(RAMP, torch.arange(4)), batch_size=2, shuffle=True)
    found = read(loader, 0.0, no_progress, said.append)
    assert torch.equal(found.pixels, RAMP) and found.labels.tolist() == [0, 1, 2, 3]
    assert "Only the DataLoader's dataset is used" in said[0] and "training.batch_size" in said[0]
    assert facts(found, loader)["made"] == "TensorDataset"


def test_pil_pictures_and_images_without_labels_are_accepted():
    grey, colour = Image.new("L", (4, 6), 7), Image.new("RGB", (4, 6), (1, 2, 3))
    assert sets(Pictures(grey, grey)).pixels.shape == (2, 1, 6, 4)
    assert sets(Pictures((colour, 3))).pixels[0, :, 0, 0].tolist() == [1, 2, 3]
    assert sets(Pictures(RAMP[0], RAMP[1])).labels.tolist() == [0, 0]


def test_reading_a_dataset_reports_progress_and_can_be_stopped():
    class Enough(Exception):
        pass

    told = []

    def progress(doing, done, total):
        told.append((doing, done, total))
        if len(told) == 2:
            raise Enough

    with pytest.raises(Enough):
        read(Pictures(*[RAMP[0]] * 300), 0.0, progress, lambda sentence: None)
    assert told == [("Reading images", 1, 300), ("Reading images", 257, 300)]


def test_the_workflow_records_counts_classes_and_shape():
    given = TensorDataset(RAMP.expand(4, 3, 4, 4), torch.tensor([0, 2, 0, 2]))
    assert facts(sets(given), given) == {
        "made": "TensorDataset", "count": 4, "held_out": 0, "classes": 3, "channels": 3, "height": 4, "width": 4,
    }  # fmt: skip
    assert facts(sets(RAMP), RAMP)["classes"] == 0


class Stream(IterableDataset):
    def __iter__(self):
        return iter(())


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (torch.full((1, 1, 2, 2), 2.0), "have values from 2 to 2: give floats in [0, 1] or [-1, 1], or uint8"),
        (torch.full((1, 1, 2, 2), -1.5), "have values from -1.5 to -1.5"),
        (torch.full((1, 1, 2, 2), float("nan")), "contain NaN or infinite values"),
        (torch.zeros(1, 1, 2, 2, dtype=torch.int64), "have dtype torch.int64: give uint8 from 0 to 255"),
        (torch.zeros(1, 2, 2, 2), "have 2 channels"),
        (torch.zeros(4), "have shape (4,): give (N, C, H, W)"),
        (torch.zeros(0, 1, 2, 2), "have shape (0, 1, 2, 2)"),
        (Pictures(), "have shape (0, 1, 1, 1)"),
        (Stream(), "are of type Stream: give a tensor, or a Dataset with __len__"),
        (np.zeros((1, 1, 2, 2)), "have a ndarray at index 0: give tensors (C, H, W) or PIL pictures"),
        (3, "are of type int"),
        (Pictures(RAMP[0], RAMP[0, :, :2]), "have several shapes, such as (1, 2, 4) and (1, 4, 4)"),
        (Pictures(RAMP[0], RAMP[0].float()), "have several dtypes"),
        (Pictures((RAMP[0], 1), RAMP[0]), "have labels only in part"),
        (Pictures((RAMP[0], "cat")), "have the label 'cat' at index 0"),
        (Pictures((RAMP[0], -1)), "have the label '-1' at index 0"),
    ],
)
def test_unusable_images_are_refused(given, sentence):
    with pytest.raises(UnfitImages, match=re.escape(sentence)):
        sets(given)
