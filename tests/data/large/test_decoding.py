"""A set that is decoded while training gives the batches of one that is read whole, and replaces what is damaged."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pipeline.data.batches import Batches
from pipeline.data.fitting import Preparation
from pipeline.data.images import ImageSet, hash_of, on_cpu
from pipeline.data.large import decoding
from pipeline.data.large.decoding import DecodedImages
from pipeline.data.sources import load_files
from pipeline.errors.data import SourceChanged, TooManyDamaged
from tests.data.files.pictures import png, write
from tests.data.large import sets

SMALL = Preparation(8)


def loaded(path: Path, home: Path, decoding: str = "while training") -> tuple[ImageSet, ImageSet]:
    return load_files(str(path), SMALL, 0.1, "cpu", home, decoding=decoding)


@pytest.mark.parametrize("cores", [1, 3])
@pytest.mark.parametrize("made", [sets.folder, sets.tars, sets.parquets])
def test_batches_are_those_of_the_set_that_is_read_whole_from_any_position(
    made: Callable[[Path], Path], cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "threads", lambda: cores)
    whole = loaded(sets.folder(tmp_path / "whole"), tmp_path / "home", "before training")
    later = loaded(made(tmp_path / "later"), tmp_path / "home")

    assert isinstance(later[0].pixels, DecodedImages) and isinstance(whole[0].pixels, torch.Tensor)
    for ours, expected in zip(later, whole, strict=True):
        assert (ours.count, ours.shape) == (expected.count, expected.shape)
        assert torch.equal(ours.labels, expected.labels)
        assert torch.equal(torch.cat(list(ours.parts(7))), expected.stored)
    # Positions in the middle of an epoch, as a resumed run asks for them first; a batch may span two epochs.
    for drawn in (0, 10, 20, 55, 5):
        batch, same = (Batches(each[0], 7, 10).after(drawn) for each in (later, whole))
        assert torch.equal(batch.indices, same.indices)
        assert torch.equal(batch.images, same.images)


def test_a_damaged_image_is_replaced_with_its_label_by_the_next_one_of_its_set(tmp_path: Path) -> None:
    path = sets.folder(tmp_path / "set")
    (path / "cat" / "10.png").write_bytes(b"not a picture")
    train = load_files(str(path), SMALL, 0.0, "cpu", tmp_path / "home", decoding="while training")[0]
    pixels = train.pixels
    assert isinstance(pixels, DecodedImages)
    place = list(train.names).index("cat/10.png")
    batch = next(
        batch for drawn in range(0, train.count, 8) if place + 1 in (batch := Batches(train, 1, 8).after(drawn)).indices
    )

    everything = torch.cat([Batches(train, 1, 8).after(drawn).indices for drawn in range(0, 32, 8)])
    assert place not in everything and (everything == place + 1).sum() == 2
    assert train.names[place + 1] == "dog/0.png" and train.labels[place + 1] == 1
    assert list(pixels.damaged) == [place] and "not a picture" in pixels.damaged[place]
    assert torch.equal(batch.images, train.batch(batch.indices))


def test_a_disk_that_fails_ends_training_instead_of_replacing_everything(tmp_path: Path) -> None:
    path = write(tmp_path / "set", {f"{number}.png": b"damaged" for number in range(9)} | {"a.png": png()})
    train = load_files(str(path), SMALL, 0.0, "cpu", tmp_path / "home", decoding="while training")[0]
    (path / "a.png").unlink()

    with pytest.raises(SourceChanged, match=r"a\.png cannot be used: it cannot be read any more \(no such file"):
        train.batch(torch.arange(10))
    again = write(tmp_path / "again", {f"{number}.png": b"damaged" for number in range(9)} | {"a.png": png()})
    train = load_files(str(again), SMALL, 0.0, "cpu", tmp_path / "home", decoding="while training")[0]
    (again / "a.png").write_bytes(b"damaged")
    os.utime(again / "a.png", ns=(0, 0))
    with pytest.raises(SourceChanged, match=r"a\.png cannot be used: it has changed since its set was listed"):
        train.batch(torch.arange(10))


def test_many_damaged_images_in_a_row_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MOST_IN_A_ROW", 3)
    files = {f"{number}.png": b"damaged" for number in range(5)} | {f"{number}.png": png() for number in range(5, 9)}
    path = write(tmp_path / "set", files)
    train = load_files(str(path), SMALL, 0.0, "cpu", tmp_path / "home", decoding="while training")[0]

    with pytest.raises(TooManyDamaged, match=r"^3 images in a row cannot be decoded, from 0\.png on \(it is not a"):
        train.batch(torch.tensor([0]))


def test_a_changed_file_is_noticed_and_its_set_listed_anew(tmp_path: Path) -> None:
    path = sets.folder(tmp_path / "set")
    before = loaded(path, tmp_path / "home")[0]
    (path / "cat" / "0.png").write_bytes(png(20, 20))

    with pytest.raises(SourceChanged, match=r"cat/0\.png .* has changed since its set was listed\. Bring it back"):
        before.batch(torch.arange(before.count))
    after = loaded(path, tmp_path / "home")[0]
    assert after.batch(torch.arange(after.count)).shape == (30, 3, 8, 8)
    assert hash_of(after) != hash_of(before)


def test_the_hash_tells_which_images_are_drawn_and_survives_a_copy(tmp_path: Path) -> None:
    first, copy = (loaded(sets.folder(tmp_path / name), tmp_path / "home") for name in ("a", "b"))

    assert hash_of(*first) == hash_of(*copy) == hash_of(*map(on_cpu, copy))
    assert hash_of(first[0]) != hash_of(first[1])
