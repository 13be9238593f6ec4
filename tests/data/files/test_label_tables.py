"""Labels and captions from tables beside pictures."""

import json
from collections.abc import Mapping

import pytest

from pipeline.data.files import label_tables
from pipeline.data.files.arrangement import Arrangement
from pipeline.errors.data import UnusableSource
from tests.data.files.test_arrangement import arranged, labelled

THREE = ("1.png", "2.png", "10.png")


def with_table(name: str, text: str, *pictures: str) -> Arrangement:
    return arranged(*(pictures or THREE), texts={name: text})


def stylegan(labels: object) -> str:
    return json.dumps({"labels": labels})


CHUNKS = ("00000/img00000000.png", "00000/img00000001.png", "00001/img00000002.png")


def test_dataset_json_gives_the_labels_and_its_chunk_folders_are_no_classes() -> None:
    pairs = [[name, number] for name, number in zip(CHUNKS, (10, 9, 10), strict=True)]
    for labels in (pairs, dict(pairs)):
        found = arranged(*CHUNKS, texts={"dataset.json": stylegan(labels)})
        assert labelled(found) == dict(zip(CHUNKS, ("10", "9", "10"), strict=True))
        assert found.entries.class_names == ("9", "10") and found.warnings == []
        assert found.notes == ["The labels are those of dataset.json."]


def test_dataset_json_without_labels_means_images_without_classes() -> None:
    found = arranged(*CHUNKS, texts={"dataset.json": stylegan(None)})
    assert found.entries.class_names == () and "has no labels" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (stylegan([["1.png", [0, 0, 1]]]), "gives a vector for '1.png'"),
        (stylegan([["1.png", [0.1, 0.9]]]), "gives a vector"),
        (stylegan([["1.png", 0.5]]), "the label of '1.png' in its dataset.json is 0.5"),
        (stylegan([["1.png"]]), "label 1 in its dataset.json is not a file and its label"),
        (stylegan(7), "are not a list"),
        ('{"labels": [', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_dataset_json_that_gives_no_classes_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnusableSource) as refused:
        with_table("dataset.json", text)
    assert reason in str(refused.value)


def test_another_dataset_json_is_ignored() -> None:
    assert with_table("dataset.json", '{"name": "cats"}').entries.class_names == ()


TABLES: Mapping[str, tuple[str, str]] = {
    "comma": ("labels.csv", "file,label\n1.png,cat\n2.png,dog\n10.png,cat\n"),
    "mark of UTF-8": ("labels.csv", "\ufefffilename,class\n1.png,cat\n2.png,dog\n10.png,cat\n"),
    "semicolon": ("labels.csv", "Image;Category\n1.png;cat\n2.png;dog\n10.png;cat\n"),
    "tabs": ("labels.tsv", "path\ttarget\n1.png\tcat\n2.png\tdog\n10.png\tcat\n"),
    "Windows": ("labels.csv", "file_name,label\r\n.\\1.png,cat\r\n.\\2.png,dog\r\n.\\10.png,cat\r\n"),
    "ids": ("train.csv", "id,breed,label\n1,x,cat\n2,y,dog\n10,z,cat\n"),
    "quotes": ("metadata.csv", '"image_id","label"\n"1","cat"\n"2","dog"\n"10","cat"\n'),
    "no header": ("labels.csv", "1.png,cat\n2.png,dog\n10.png,cat\n"),
    "list": ("train.txt", "1.png cat\n2.png dog\n10.png cat\n"),
    "json lines": (
        "metadata.jsonl",
        '{"file_name": "1.png", "label": "cat"}\n{"file_name": "2.png", "label": "dog"}\n\n'
        '{"file_name": "10.png", "label": "cat"}',
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_every_usual_kind_give_the_labels(kind: str) -> None:
    found = with_table(*TABLES[kind])

    assert labelled(found) == {"1.png": "cat", "2.png": "dog", "10.png": "cat"}
    assert found.warnings == [] and found.left_out == []


def test_labels_that_are_numbers_sort_as_numbers_and_whole_floats_are_whole() -> None:
    assert with_table("labels.csv", "id,label\n1,10\n2,9.0\n10,10\n").entries.class_names == ("9", "10")


def test_a_table_in_or_around_the_folders_of_a_split_labels_their_images() -> None:
    pictures = ("train/1.png", "train/2.png", "test/3.png")
    beside = arranged(*pictures, texts={"labels.csv": "file,label\ntrain/1.png,a\ntrain/2.png,b\ntest/3.png,a\n"})
    inside = arranged(
        *pictures,
        texts={
            "train/metadata.csv": "file_name,label\n1.png,a\n2.png,b\n",
            "test/metadata.csv": "file_name,label\n3.png,a\n",
        },
    )
    expected = {"train/1.png": "a", "train/2.png": "b", "test/3.png": "a held out"}
    assert labelled(beside) == labelled(inside) == expected


def test_pictures_without_a_line_and_lines_without_a_picture_are_named_and_not_fatal() -> None:
    found = with_table("labels.csv", "file,label\n1.png,cat\n2.png,dog\nlost.png,cat\n")

    assert labelled(found) == {"1.png": "cat", "2.png": "dog"}
    assert found.left_out == [("10.png", "it is without a label in the table")]
    assert "1 picture is left out, without a label in the table: 10.png." in found.warnings
    assert "1 line of labels.csv names no single picture of the set: lost.png." in found.warnings


def test_lines_that_cannot_be_used_are_named_by_number() -> None:
    text = '{"file_name": "1.png", "label": 1}\n{"file\n{"label": 3}\n{"file_name": "2.png", "label": [1]}\n'
    said = " ".join(with_table("metadata.jsonl", text + '{"file_name": "10.png", "label": 2}').warnings)
    assert "line 2 is not JSON" in said and "line 3 has no `file_name`" in said and "line 4 has a label that" in said

    said = " ".join(with_table("labels.csv", "file,label\n1.png,a\n2.png\n10.png,b\n1.png,c\n").warnings)
    assert "line 3 has 1 of the 2 columns" in said and "line 5 gives '1.png' another label" in said


def test_a_table_for_few_of_the_pictures_is_not_decisive() -> None:
    pictures = [f"{animal}/{number}.png" for animal in ("cat", "dog") for number in range(5)]
    found = arranged(*pictures, texts={"labels.csv": "file,label\ncat/0.png,best\n"})

    assert found.entries.class_names == ("cat", "dog")
    assert "labels for only 1 of 10 training images" in " ".join(found.warnings)


def test_fractions_are_no_classes() -> None:
    found = with_table("labels.csv", "file,target\n1.png,0.25\n2.png,0.5\n10.png,1\n")
    assert found.entries.class_names == () and "fractions such as 0.25" in " ".join(found.warnings)


def test_a_table_of_something_else_is_named_if_it_is_called_like_one_of_labels() -> None:
    found = with_table("labels.csv", "file,label\nother.png,cat\n")
    assert found.warnings == ["labels.csv is not used: no line of it names one of the pictures."]
    assert with_table("weather.csv", "file,label\nother.png,cat\n").warnings == []


def test_labels_under_an_unknown_name_of_a_column_are_not_ignored_silently() -> None:
    found = with_table("labels.csv", "id,breed\n1,pug\n2,pug\n10,corgi\n")
    assert found.warnings == ["labels.csv is not used: it needs a column `filename`, and `label` or `caption`."]
    assert with_table("labels.csv", "").warnings == []
    assert with_table("weather.csv", "day,rain\n1,2\n").warnings == []


def test_a_huge_table_is_not_used_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_tables, "MOST_TABLE_BYTES", 20)
    found = with_table("labels.csv", "file,label\n1.png,cat\n2.png,dog\n")
    assert found.entries.class_names == () and "more than the 20 bytes allowed" in found.warnings[0]


def captions_of(found: Arrangement) -> dict[str, str]:
    assert found.entries.captions is not None
    return dict(zip(found.names, found.entries.captions, strict=True))


def test_captions_come_from_text_files_beside_the_pictures() -> None:
    found = arranged(*THREE, texts={"1.txt": "a  red\nfox ", "2.caption": "a hen"})

    assert captions_of(found) == {"1.png": "a red fox", "2.png": "a hen", "10.png": ""}
    assert found.notes == ["2 of 3 images have a caption (from text files beside the images); without one: 10.png."]
    assert found.used_texts == {"1.txt", "2.caption"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metadata.jsonl", '{"file_name": "1.png", "text": "a fox"}\n{"file_name": "2.png", "text": "a hen"}\n'),
        ("metadata.csv", 'file_name,caption\n1.png,a fox\n2.png,"a hen"\n'),
        ("captions.txt", "image,caption\n1.png,a fox\n2.png,a hen\n2.png,another hen\n"),
    ],
)
def test_captions_come_from_tables(name: str, text: str) -> None:
    found = with_table(name, text)

    assert captions_of(found) == {"1.png": "a fox", "2.png": "a hen", "10.png": ""}
    assert found.notes == [f"2 of 3 images have a caption (from {name}); without one: 10.png."]
    assert found.entries.class_names == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16"])
def test_captions_in_other_encodings_are_borne(encoding: str) -> None:
    assert label_tables.as_text("une île".encode(encoding)) == "une île"


def test_boxes_of_a_detector_are_no_captions() -> None:
    assert arranged("1.png", texts={"1.txt": "0 0.5 0.5 0.25 0.25\n"}).entries.captions is None


def test_a_long_caption_is_cut_and_control_characters_become_spaces() -> None:
    assert len(captions_of(arranged("1.png", texts={"1.txt": "a" * 200_000}))["1.png"]) == 10_000
    assert captions_of(arranged("1.png", texts={"1.txt": "a\x1b[31mfox\0"}))["1.png"] == "a [31mfox"


@pytest.mark.parametrize(
    "text",
    [
        "filename,label\r1.png,cat\r2.png,dog\r10.png,cat\r",
        "sep=;\r\nfilename;label\r\n1.png;cat\r\n2.png;dog\r\n10.png;cat\r\n",
        '\ufeff"sep=|"\nfilename|label\n1.png|cat\n2.png|dog\n10.png|cat\n',
    ],
)
def test_ends_of_lines_of_old_macs_and_the_delimiter_that_excel_names_are_understood(text: str) -> None:
    assert labelled(with_table("labels.csv", text)) == {"1.png": "cat", "2.png": "dog", "10.png": "cat"}


@pytest.mark.parametrize("text", ["image,cat,dog\n1,1,0\n2,0,1\n10,1,0\n", "a,b\n1.png,cat\n", "x" * 200_000])
def test_a_table_of_labels_whose_columns_are_not_known_is_named(text: str) -> None:
    found = with_table("labels.csv", text)

    assert found.warnings == ["labels.csv is not used: it needs a column `filename`, and `label` or `caption`."]
    assert with_table("prices.csv", text).warnings == []


def test_a_column_that_would_split_the_images_is_said_to_be_unused() -> None:
    found = with_table("labels.csv", "file,label,split\n1.png,cat,train\n2.png,dog,test\n10.png,cat,train\n")

    assert found.entries.held_out is None
    assert found.warnings == [
        "labels.csv has a column split, which is not used: put the images into folders train and test."
    ]
