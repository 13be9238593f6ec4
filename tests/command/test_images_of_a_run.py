"""A run knows its images: what was read is said at its start, another set is refused on resume, drawing needs none."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.data.files.folder import FolderSource
from pipeline.data.findings import NOT_READ
from pipeline.graph import document, edit
from pipeline.graph.workflow import NodeData
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import Event, Store
from pipeline.studio.workflows import open_template

Run = Callable[..., tuple[int, dict[str, Any], str]]
RESUME = ("train", "--resume", "latest", "--steps", 1)
SIZES = ("generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16", "training.batch_size=8",
         "training.device=cpu", "samples.count=4")  # fmt: skip


def save(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 8), dtype=np.uint8)).save(path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for label, name in enumerate(("bee", "cat", "dog")):
        for number in range(10):
            save(tmp_path / "photos" / name / f"{number}.png", 100 * label + number)
    return tmp_path / "photos"


@pytest.fixture
def workflow(photos: Path, tmp_path: Path) -> Path:
    """The file of a workflow that trains very fast on these images."""
    found = edit.replace_node(
        open_template("mlp-gan"), "data", NodeData("ImageFiles", {"source": str(photos), "image_size": 8})
    )
    path = tmp_path / "photos.json"
    path.write_text(document.write(edit.apply_settings(found, SIZES, NODES)), encoding="utf-8")
    return path


def events(home: Path) -> list[Event]:
    with Store(home) as store:
        return store.events(store.resolve("latest").id)


def recorded(home: Path) -> object:
    with Store(home) as store:
        record = store.resolve("latest")
        return record, store.events(record.id)


def test_train_data_and_the_record_say_the_same_of_a_set(run: Run, home: Path, photos: Path, workflow: Path) -> None:
    (photos / "cat" / "text.png").write_text("no picture")
    save(photos / "loose.png", 999)
    line = run("data", photos, "--image-size", 8)[1]["line"]
    assert line == (
        "Read 30 of 32 images in 3 classes: 27 for training, 3 held out; 2 left out (1 not a picture in a known "
        "format, 1 next to the class folders)."
    )
    code, facts, told = run("train", workflow, "--steps", 1)
    assert (code, facts["images"]["line"]) == (0, line)
    assert line in told.splitlines()
    assert [event.text for event in events(home) if event.kind == "images read"] == [
        f"{line} Warning: 1 picture is left out, next to the class folders, not in one: loose.png."
    ]
    with Store(home) as store:
        record = store.resolve("latest")
        assert record.data is not None
        assert record.data["sources"]["data"]["findings"]["line"] == line
        # An epoch is a pass over the images that could be read.
        assert record.train_images == 27


def test_check_says_what_is_known_before_the_images_are_read(run: Run, photos: Path, workflow: Path) -> None:
    _, facts, _ = run("check", workflow)
    assert facts["found"] == {"data": f"Found 30 images in 3 classes: 27 for training, 3 held out. {NOT_READ}"}
    assert facts["warnings"] == []


def test_check_says_the_same_as_data_once_the_images_are_read(run: Run, photos: Path, workflow: Path) -> None:
    for name in ("cat", "dog"):
        for number in range(9):
            (photos / name / f"text{number}.png").write_text("no picture")
    save(photos / "dog" / "same.png", 0)
    assert "Found 49 images" in run("check", workflow)[1]["found"]["data"]
    report = run("data", photos, "--image-size", 8)[1]
    _, facts, _ = run("check", workflow)
    assert facts["found"] == {"data": report["line"]} and "18 left out" in report["line"]
    assert [each["message"] for each in facts["warnings"]] == report["warnings"]
    # Another picture makes it unknown again.
    save(photos / "dog" / "new.png", 77)
    assert "Found 50 images" in run("check", workflow)[1]["found"]["data"]


def test_a_fork_says_that_its_images_are_not_those_of_its_parent(
    run: Run, home: Path, photos: Path, workflow: Path
) -> None:
    run("train", workflow, "--steps", 1)
    assert "not those of the run" not in run("train", "--fork", "latest", "--steps", 1)[2]
    save(photos / "cat" / "0.png", 99)
    told = run("train", "--fork", "latest", "--steps", 1)[2]
    said = "Warning: its images are not those of the run that it was forked from: the pictures are others"
    assert said in told
    assert any(said in event.text for event in events(home) if event.kind == "images read")


def test_check_and_train_say_the_warnings_of_a_source(
    run: Run, workflow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = FolderSource.__init__

    def suspicious(source: FolderSource, path: Path, *rules: Any) -> None:
        opened(source, path, *rules)
        source.warnings = ("Its classes look like a split.",)

    monkeypatch.setattr(FolderSource, "__init__", suspicious)
    assert run("check", workflow)[1]["warnings"] == [{"node": "data", "message": "Its classes look like a split."}]
    _, facts, told = run("train", workflow, "--steps", 1)
    assert facts["images"]["warnings"] == ["Its classes look like a split."]
    assert "Warning: Its classes look like a split." in told.splitlines()


def test_too_few_readable_images_for_a_batch_are_refused_with_the_count(
    run: Run, home: Path, photos: Path, workflow: Path
) -> None:
    for path in sorted(photos.rglob("*.png"))[3:]:
        path.write_bytes(b"damaged")
    code, facts, err = run("train", workflow, "--steps", 1, "--set", "data.held_out=0")
    assert (code, facts["kind"]) == (2, "TooFewImages")
    assert "Batch size is 8, but there are only 3 training images. Read 3 of 30 images" in err
    assert "27 left out (not a picture in a known format). Lower the batch size" in err
    assert run("runs")[1] == {"runs": []}
    assert list((home / "runs").iterdir()) == []


def test_images_of_which_none_can_be_read_are_refused_as_by_data_and_leave_no_run(
    run: Run, home: Path, photos: Path, workflow: Path
) -> None:
    run("train", workflow, "--steps", 2)
    before = recorded(home)
    for path in photos.rglob("*.png"):
        path.write_bytes(b"damaged")
    refused = run("data", photos)[1]["error"]
    for command in (("train", workflow, "--steps", 1), RESUME, (*RESUME, "--accept-data")):
        code, facts, _ = run(*command)
        assert (code, facts["kind"], facts["error"]) == (2, "UnusableSource", refused)
    assert recorded(home) == before and len(run("runs")[1]["runs"]) == 1


def test_a_named_set_gets_a_short_line(run: Run, small: Path) -> None:
    _, facts, told = run("train", small, "--steps", 1)
    assert "Read 1,797 images in 10 classes: 1,617 for training, 180 held out." in told.splitlines()
    assert run("train", "--resume", facts["run"], "--steps", 1)[0] == 0


def test_renamed_classes_are_refused_on_resume_and_taken_on_request(
    run: Run, home: Path, photos: Path, workflow: Path
) -> None:
    run("train", workflow, "--steps", 2)
    before = recorded(home)
    (photos / "bee").rename(photos / "ant")
    code, facts, err = run(*RESUME)
    assert (code, facts["kind"]) == (2, "OtherImages")
    assert "label 0 was bee and is ant" in err and "--accept-data" in err
    assert recorded(home) == before

    code, facts, _ = run(*RESUME, "--accept-data")
    assert (code, facts["step"]) == (0, 3)
    (changed,) = [event for event in events(home) if event.kind == "images changed"]
    assert (changed.step, changed.data) == (2, {"differences": ["label 0 was bee and is ant"]})
    assert run(*RESUME)[0] == 0


def test_a_copied_set_with_other_dates_is_the_same_set(run: Run, home: Path, photos: Path, workflow: Path) -> None:
    run("train", workflow, "--steps", 1)
    photos.rename(photos.with_name("moved"))
    shutil.copytree(photos.with_name("moved"), photos, copy_function=shutil.copy)
    for path in photos.rglob("*.png"):
        os.utime(path, (1e9, 1e9))
    assert run(*RESUME)[0] == 0
    assert [event.kind for event in events(home)].count("images changed") == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda photos: save(photos / "cat" / "3.png", 999), "the pictures are others"),
        (lambda photos: save(photos / "cat" / "99.png", 999), "there were 27 training images and are 28"),
        (lambda photos: (photos / "dog" / "1.png").rename(photos / "bee" / "99.png"), "dog had 10 images and has 9"),
        (lambda photos: save(photos / "eel" / "1.png", 999), "there were 3 classes and are 4"),
    ],
)
def test_another_set_is_refused_on_resume_with_what_differs(
    change: Callable[[Path], object], sentence: str, run: Run, home: Path, photos: Path, workflow: Path
) -> None:
    run("train", workflow, "--steps", 1)
    before = recorded(home)
    change(photos)
    code, facts, _ = run(*RESUME)
    assert (code, facts["kind"]) == (2, "OtherImages")
    assert sentence in facts["error"]
    assert recorded(home) == before


def test_images_that_no_longer_fit_the_networks_are_refused_in_any_case(
    run: Run, home: Path, photos: Path, workflow: Path
) -> None:
    run("train", workflow, "--steps", 1)
    before = recorded(home)
    with sqlite3.connect(home / "genscope.sqlite") as database:
        (text,) = database.execute("SELECT data FROM runs").fetchone()
        data = json.loads(text)
        data["sources"]["data"]["findings"]["shape"] = [3, 8, 8]
        database.execute("UPDATE runs SET data = ?", (json.dumps(data),))
    database.close()
    code, facts, _ = run(*RESUME, "--accept-data")
    assert (code, facts["kind"]) == (2, "ImagesDoNotFit")
    assert "the images had the shape 3×8×8 and have 1×8×8" in facts["error"]
    assert isinstance(before, tuple) and before[1] == recorded(home)[1]  # type: ignore[index]


def test_a_run_of_an_older_version_records_its_images_when_it_is_resumed(run: Run, home: Path, workflow: Path) -> None:
    run("train", workflow, "--steps", 1)
    with sqlite3.connect(home / "genscope.sqlite") as database:
        database.execute("UPDATE runs SET data = NULL")
    database.close()
    assert run(*RESUME)[0] == 0
    with Store(home) as store:
        assert store.resolve("latest").data is not None


def test_accepting_other_images_is_for_a_run_that_is_resumed(run: Run, home: Path, workflow: Path) -> None:
    code, facts, _ = run("train", workflow, "--accept-data")
    assert (code, facts["kind"]) == (2, "UnreadableCommand")
    assert not home.exists()


def test_drawing_and_exporting_need_no_images(
    run: Run, home: Path, photos: Path, workflow: Path, tmp_path: Path
) -> None:
    run("train", workflow, "--steps", 1)
    drawn = [tmp_path / "before.png", tmp_path / "after.png"]
    run("sample", "latest", "--count", 4, "--out", drawn[0])
    shutil.rmtree(photos)
    assert run("sample", "latest", "--count", 4, "--out", drawn[1])[0] == 0
    assert drawn[0].read_bytes() == drawn[1].read_bytes()
    assert run("export", "latest", "--to", "csv", "--out", tmp_path / "run.csv")[0] == 0
    code, facts, _ = run(*RESUME)
    assert (code, facts["kind"]) == (2, "ImagesNeeded")
    assert "there is no such file or folder" in facts["error"]


def test_reconstructing_says_that_it_needs_the_images(run: Run, home: Path, photos: Path, tmp_path: Path) -> None:
    found = edit.replace_node(
        open_template("autoencoder"), "data", NodeData("ImageFiles", {"source": str(photos), "image_size": 8})
    )
    sizes = ("decoder.image_size=8", "encoder.hidden=16", "decoder.hidden=16", "training.batch_size=8",
             "training.device=cpu", "samples.count=4")  # fmt: skip
    path = tmp_path / "coding.json"
    path.write_text(document.write(edit.apply_settings(found, sizes, NODES)), encoding="utf-8")
    run("train", path, "--steps", 1)
    shutil.rmtree(photos)
    code, facts, _ = run("sample", "latest", "--reconstruct", "--out", tmp_path / "pairs.png")
    assert (code, facts["kind"]) == (2, "ImagesNeeded")
    assert "there is no such file or folder" in facts["error"]
    assert run("sample", "latest", "--count", 4, "--out", tmp_path / "new.png")[0] == 0


def test_classes_of_a_conditional_run_are_known_without_its_images(
    run: Run, home: Path, photos: Path, tmp_path: Path
) -> None:
    found = edit.replace_node(
        open_template("conditional-dcgan"), "data", NodeData("ImageFiles", {"source": str(photos), "image_size": 16})
    )
    sizes = (*SIZES[3:], "generator.image_size=16", "generator.classes=3", "generator.base_channels=8",
             "discriminator.base_channels=8")  # fmt: skip
    path = tmp_path / "classes.json"
    path.write_text(document.write(edit.apply_settings(found, sizes, NODES)), encoding="utf-8")
    run("train", path, "--steps", 1)
    (photos / "cat").rename(photos / "newt")
    shutil.rmtree(photos / "bee")
    # The run's own classes, not those of the folder.
    assert run("sample", "latest", "--count", 2, "--class", 2, "--out", tmp_path / "dogs.png")[0] == 0
    assert run("sample", "latest", "--count", 2, "--class", 3, "--out", tmp_path / "none.png")[0] == 2
    assert run(*RESUME, "--accept-data")[0] == 2
