"""Tars as WebDataset writes them and Parquet files as Hugging Face writes them: what is read, and what is refused."""

import gzip
import math
from pathlib import Path

import pytest
from pyarrow.parquet import ParquetFile

from pipeline.data.files.opening import open_source
from pipeline.data.files.reading import read
from pipeline.data.files.tar import TarSource
from pipeline.data.fitting import Preparation
from pipeline.data.large import parquet_shards
from pipeline.data.large.parquet_shards import RowGroups, table_of
from pipeline.data.large.shard_files import is_sample_tar
from pipeline.data.large.shard_labels import as_label
from pipeline.data.large.tar_shards import samples_of
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


@pytest.mark.parametrize(
    ("value", "label"),
    [(7, 7), ("7", 7), (" 12 ", 12), ("3.0", 3), (3.0, 3), ("-1", None), (-1, None), (-1.0, None), (None, None),
     (math.nan, None), (" red fox ", "red fox"), ("nan", "nan"), ("1e3", "1e3"), ("n01440764", "n01440764")],
)  # fmt: skip
def test_whole_numbers_and_words_are_labels(value: object, label: object) -> None:
    assert as_label(value, "a.json") == label


@pytest.mark.parametrize("value", [0.5, "0.5", math.inf, True, "", " ", "x" * 201, [1], b"x"])
def test_anything_else_is_no_label(value: object) -> None:
    with pytest.raises(UnusableSource, match=r"a\.json cannot be used: its label .* is neither a whole number nor"):
        as_label(value, "a.json")


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
        ("cifar10-train-000000", "cifar10-train-000001", "cifar10-test-000000"),
        ("2012_train_0", "2012_train_1", "2012_val_0"),
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


def test_a_copy_of_a_shard_is_warned_of_but_not_keys_that_begin_again(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        sets.tar(tmp_path / "copies" / f"{name}.tar", samples(0, 1))
    sets.tar(tmp_path / "again" / "a.tar", samples(0, 1))
    sets.tar(tmp_path / "again" / "b.tar", {f"{row}.jpg": png(9, 9 + row) for row in (0, 1)})

    assert open_source(tmp_path / "copies").warnings == (
        "b.tar seems to be a copy of a.tar: 2 of its 2 images have the same key and size, so they are used twice. "
        "So it is with 1 other shard.",
    )
    again = open_source(tmp_path / "again")
    assert not any("copy" in each for each in again.warnings)
    assert read(again, Preparation(8)).pixels.shape == (4, 3, 8, 8), "of one shard, images have another size"


def test_a_sample_without_its_picture_is_left_out_and_named(tmp_path: Path) -> None:
    members = samples(0, 1) | {
        "lost.cls": b"1",
        "about.json": b'{"made by": "Ada"}',
        "empty.jpg": b"",
        "empty.cls": b"0",
    }
    source = open_source(sets.tar(tmp_path / "set" / "a.tar", members).parent)

    assert [tuple(each) for each in source.broken] == [("a.tar/lost", "it is without a picture")]
    found = read(source, Preparation(8))
    assert len(found.labels) == 2 and ("a.tar/empty.jpg", "it is empty (0 bytes)") in found.broken


def test_a_class_that_is_held_out_alone_is_left_out(tmp_path: Path) -> None:
    sets.tar(tmp_path / "a" / "train-0.tar", samples(0, 1))
    sets.tar(tmp_path / "a" / "val-0.tar", samples(1, 2))
    source = open_source(tmp_path / "a")

    assert (source.entries.class_names, source.entries.labels.tolist(), source.count) == (("0", "1"), [0, 1, 1], 3)
    assert [tuple(each) for each in source.broken] == [("val-0.tar/1.jpg", "it is of a class without training images")]
    assert "The class 2 is held out alone" in " ".join(source.warnings)


def test_held_out_images_without_labels_are_left_out_with_a_warning(tmp_path: Path) -> None:
    sets.tar(tmp_path / "a" / "train-0.tar", samples(0, 1, 0))
    sets.tar(tmp_path / "a" / "test-0.tar", samples(-1))
    source = open_source(tmp_path / "a")

    assert (source.count, source.entries.held_out) == (3, None)
    assert any("None of its own held-out images can be used" in each for each in source.warnings)


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


def test_a_tar_with_an_entry_of_negative_size_is_refused_instead_of_read_for_ever(tmp_path: Path) -> None:
    content = bytearray(sets.tar(tmp_path / "set" / "a.tar", samples(0)).read_bytes())
    content[124:136] = b"-0000001000\0"
    content[148:156] = b"%06o\0 " % (sum(content[:148]) + 8 * ord(" ") + sum(content[156:512]))
    (tmp_path / "set" / "a.tar").write_bytes(content)

    assert "a.tar cannot be used: it is damaged or cut off (an entry has a negative size)" in refusal(tmp_path / "set")
    assert not is_sample_tar(tmp_path / "set" / "a.tar")


def test_a_shard_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableSource, match=r"a\.tar cannot be used: it cannot be read \(no such file or directory\)"):
        samples_of(tmp_path / "a.tar", print)
    with pytest.raises(UnusableSource, match=r"a\.parquet cannot be used: it cannot be read \(no such file or dir"):
        table_of(tmp_path / "a.parquet")


def test_parquet_files_that_do_not_fit_together_are_named(tmp_path: Path) -> None:
    sets.parquet(tmp_path / "a" / "0.parquet", [{"image": png(), "label": 0}])
    sets.parquet(tmp_path / "a" / "1.parquet", [{"image": png()}])
    sets.parquet(tmp_path / "b" / "0.parquet", [{"image": png()}])
    sets.parquet(tmp_path / "b" / "1.parquet", [{"label": 0}])
    sets.parquets(tmp_path / "c")
    sets.parquet(tmp_path / "c" / "data" / "train-9.parquet", [{"image": png(), "label": 0}], sets.named("dog"))

    assert "1.parquet has images in 'image' and no labels, but 0.parquet images in 'image' and labels in 'label'" in (
        refusal(tmp_path / "a")
    )
    assert "1.parquet cannot be used: it has no column of images, only label" in refusal(tmp_path / "b")
    assert "train-9.parquet calls the label 0 'dog', but a file before it 'cat'" in refusal(tmp_path / "c")


def test_labels_that_parquet_files_do_not_name_are_warned_of(tmp_path: Path) -> None:
    rows = [{"image": png(), "label": label} for label in (0, 7, 1, 7)]
    source = open_source(sets.parquet(tmp_path / "a.parquet", rows, sets.named("cat", "dog")))

    assert source.entries.class_names == ("cat", "dog", "7")
    assert source.warnings == (
        "2 images have labels that are not among the 2 classes that the Parquet files name, such as 7 of "
        "a.parquet[1]: each such number counts as a class of its own.",
    )


def test_row_groups_that_are_read_in_turn_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sets.parquet(tmp_path / "a.parquet", [{"image": png(seed=row)} for row in range(16)])
    read_groups: list[int] = []
    plain = ParquetFile.read_row_group

    def counted(file: ParquetFile, group: int, **rest: object) -> object:
        read_groups.append(group)
        return plain(file, group, **rest)

    monkeypatch.setattr(ParquetFile, "read_row_group", counted)
    groups = RowGroups()
    in_turn = [groups.content(path, "image", row) for row in (0, 4, 8, 12, 1, 5, 9, 13)]
    assert in_turn == [png(seed=row) for row in (0, 4, 8, 12, 1, 5, 9, 13)]
    assert read_groups == [0, 1, 2, 3]
    monkeypatch.setattr(parquet_shards, "MOST_BYTES", 1)
    for row in (12, 8, 4, 0):
        groups.content(path, "image", row)
    assert read_groups[4:] == [1, 0], "of groups that take much, only the last two are kept"
    groups.close()


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
