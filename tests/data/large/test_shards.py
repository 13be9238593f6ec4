"""Tars as WebDataset writes them and Parquet files as Hugging Face writes them: what is read, and what is refused."""

import gzip
from pathlib import Path

import pytest

from pipeline.data.files.opening import open_source
from pipeline.data.files.reading import read
from pipeline.data.files.tar import TarSource
from pipeline.data.fitting import Preparation
from pipeline.errors.data import BrokenImage, SourceChanged, UnusableSource
from tests.data.files.pictures import png, write
from tests.data.large import sets


def refusal(path: Path) -> str:
    with pytest.raises(UnusableSource) as refused:
        open_source(path)
    return str(refused.value)


def samples(*labels: object, ending: str = "cls") -> dict[str, bytes]:
    return {
        f"{row}.{kind}": content
        for row, label in enumerate(labels)
        for kind, content in (("jpg", png(seed=row)), (ending, str(label).encode()))
    }


def test_labels_are_those_of_cls_or_json_in_the_order_of_their_values(tmp_path: Path) -> None:
    sets.tar(tmp_path / "a" / "0.tar", samples(10, 9, 10))
    sets.tar(tmp_path / "b" / "0.tar", samples('{"label": "b10"}', '{"label": "b9"}', "{}", "[]", ending="json"))
    sets.tar(tmp_path / "b" / "1.tar", samples(*['{"label": "b9"}'] * 3, ending="json"))
    numbers, words = (open_source(tmp_path / name).entries for name in "ab")

    assert (numbers.class_names, numbers.labels.tolist()) == (("9", "10"), [1, 0, 1])
    assert (words.class_names, words.labels.tolist()) == (("b9", "b10"), [1, 0, 0, 0, 0])


def test_images_without_a_label_are_left_out_and_few_labels_are_not_used(tmp_path: Path) -> None:
    sets.tar(tmp_path / "most" / "0.tar", samples(1, 1, 1) | {"x.jpg": png()})
    sets.tar(tmp_path / "few" / "0.tar", samples(1) | {"x.jpg": png(), "y.jpg": png()})
    sets.tar(tmp_path / "none" / "0.tar", {"x.jpg": png()})
    most, few, none = (open_source(tmp_path / name) for name in ("most", "few", "none"))

    assert [tuple(each) for each in most.broken] == [("0.tar/x.jpg", "it is without a label")]
    assert (few.count, few.entries.class_names) == (3, ()) and "Only 1 of 3 images have a label" in few.warnings[0]
    assert (none.count, none.entries.class_names, none.warnings) == (1, (), ())


@pytest.mark.parametrize(
    "names",
    [
        ("train-0", "train-1", "val-0"),
        ("train/0", "train/1", "test/0"),
        ("data/train-00000-of-00002", "data/train-00001-of-00002", "data/test-00000-of-00001"),
    ],
)
def test_names_of_shards_and_folders_are_a_split(names: tuple[str, ...], tmp_path: Path) -> None:
    for shard, name in enumerate(names):
        sets.tar(tmp_path / f"{name}.tar", {f"{shard}.jpg": png(), f"{shard}.cls": b"0"})
    found = open_source(tmp_path).entries

    assert found.held_out is not None
    assert [name for name, aside in zip(found.names, found.held_out, strict=True) if aside] == [f"{names[2]}.tar/2.jpg"]


def test_a_single_tar_is_a_shard_if_its_samples_have_labels_and_else_read_like_a_folder(tmp_path: Path) -> None:
    shard = open_source(sets.tar(tmp_path / "a.tar", samples(0, 1)))
    other = open_source(sets.tar(tmp_path / "b.tar", {"cat/1.png": png(), "dog/1.png": png()}))

    assert (shard.kind, shard.count) == ("a set of WebDataset tars", 2)
    assert isinstance(other, TarSource)
    other.close()


def test_parquet_files_have_names_of_classes_and_columns_of_bytes_too(tmp_path: Path) -> None:
    named = open_source(sets.parquets(tmp_path / "a"))
    plain = open_source(sets.parquet(tmp_path / "b.parquet", [{"photo": png(), "label": text} for text in ("x", "y")]))

    assert named.entries.class_names == sets.CLASSES
    assert (plain.entries.class_names, plain.count) == (("x", "y"), 2)
    assert read(named, Preparation(8)).pixels.shape == (33, 3, 8, 8)


def test_a_row_without_bytes_is_broken(tmp_path: Path) -> None:
    path = sets.parquet(tmp_path / "a.parquet", [{"image": {"bytes": each, "path": "x"}} for each in (png(), None)])

    with pytest.raises(BrokenImage, match="its bytes are not in the file"):
        open_source(path).picture(1)


def test_keys_in_two_shards_are_warned_of(tmp_path: Path) -> None:
    for name in ("a", "copy"):
        sets.tar(tmp_path / f"{name}.tar", samples(0, 1))

    assert open_source(tmp_path).warnings == (
        "2 keys are in more than one shard, such as 2 in a.tar and copy.tar: if one is a copy, its images are used "
        "twice.",
    )


def test_pictures_beside_shards_are_left_out_with_a_warning(tmp_path: Path) -> None:
    sets.tars(write(tmp_path / "set", {"preview.png": png(), "README.md": b""}))

    assert open_source(tmp_path / "set").warnings == ("1 picture beside the shards is left out.",)


def test_a_shard_that_has_changed_is_named(tmp_path: Path) -> None:
    source = open_source(sets.tars(tmp_path / "set"))
    sets.tar(tmp_path / "set" / "images-000.tar", samples(*range(3)))

    with pytest.raises(SourceChanged, match=r"images-000\.tar cannot be used: it has changed since its set was listed"):
        source.picture(0)
    source.picture(20)


@pytest.mark.parametrize("cut", [100, 700, 512 * 3, -9_000])
def test_a_tar_that_is_cut_off_is_refused(cut: int, tmp_path: Path) -> None:
    path = sets.tar(tmp_path / "set" / "a.tar", samples(*range(9)))
    path.write_bytes(path.read_bytes()[:cut])

    assert "a.tar cannot be used: it is damaged or cut off (" in refusal(tmp_path / "set")


def test_a_parquet_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = sets.parquet(tmp_path / "a.parquet", [{"image": png()}])
    path.write_bytes(path.read_bytes()[:-9])

    assert "a.parquet cannot be used: it is damaged or cut off (" in refusal(path)


def test_a_compressed_tar_is_refused_with_what_to_do(tmp_path: Path) -> None:
    content = sets.tar(tmp_path / "a.tar", samples(0)).read_bytes()
    write(tmp_path / "set", {"a.tar.gz": gzip.compress(content)})

    assert "a.tar.gz is a compressed tar, whose middle cannot be reached. Unpack" in refusal(tmp_path / "set")

    write(tmp_path / "named plain", {"a.tar": gzip.compress(content)})
    assert "a.tar cannot be used: it is a compressed tar, whose" in refusal(tmp_path / "named plain")


def test_what_has_no_images_or_no_labels_is_refused_with_the_place(tmp_path: Path) -> None:
    sets.tar(tmp_path / "none" / "a.tar", {"1.txt": b""})
    sets.tar(tmp_path / "float" / "a.tar", samples(0, 0.5))
    sets.tar(tmp_path / "list" / "a.tar", samples('{"label": [1]}', ending="json"))
    sets.tar(tmp_path / "twice" / "a.tar", {"1.jpg": png(), "1.png": png()})
    sets.parquet(tmp_path / "mixed" / "a.parquet", [{"image": png()}])
    sets.tar(tmp_path / "mixed" / "a.tar", samples(0))
    told = {path.name: refusal(path) for path in sorted(tmp_path.iterdir())}

    assert "there are no images in its shards" in told["none"]
    assert "a.tar: its entry '1.cls' cannot be used: its label '0.5' is neither a whole number nor" in told["float"]
    assert "its label '[1]' is neither a whole number" in told["list"]
    assert "it has two pictures of the key '1'" in told["twice"]
    assert "it holds both tars and Parquet files" in told["mixed"]
    table = sets.parquet(tmp_path / "x.parquet", [{"text": "a", "label": 1}])
    assert "it has no column of images, only text, label. Name the column" in refusal(table)
    floats = sets.parquet(tmp_path / "y.parquet", [{"image": png(), "label": 1.5}])
    assert "the column 'label' cannot be used: its label '1.5' is neither" in refusal(floats)
