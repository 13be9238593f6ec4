"""Evaluations as files: what is read is what was saved; what is damaged is no evaluation."""

import json
from dataclasses import replace
from shutil import rmtree

import pytest

from pipeline.errors.runs import UnknownRun
from pipeline.runs.evaluations import Evaluation, Result, Way, folder_of, load, load_all, save
from pipeline.runs.files import RunFiles

RUN = "20261122-140501-3fa9c2d1"
WAY = Way("ema", 0, 1000, "mnist-5k", "aa", "Digits", "0123456789ab", "bilinear to 28×28", 0.99, {"steps": 20})
FOUND = Evaluation(
    RUN, 1400, WAY, 500, 4500, True,
    {"precision": Result(0.5, 0.4, 0.6, 0.9, 1000, 500, details={"a": 1.0}), "ssim": Result(None, reason="Too small.")},
    ("A remark.",), "cc", 12.5, "0.7.0",
)  # fmt: skip


@pytest.fixture
def files(tmp_path):
    found = RunFiles(tmp_path, RUN)
    found.make()
    return found


def test_what_is_read_is_what_was_saved(files):
    save(files, FOUND)
    assert load(files, 1400, WAY) == FOUND
    assert load_all(files) == [FOUND]


def test_each_step_and_each_way_has_its_own_evaluation(files):
    others = [replace(FOUND, step=20), replace(FOUND, way=replace(WAY, seed=1)), replace(FOUND, at=99.0)]
    for each in (FOUND, *others):
        save(files, each)
    assert [(each.step, each.way.seed, each.at) for each in load_all(files)] == [
        (20, 0, 12.5),
        (1400, 1, 12.5),
        (1400, 0, 99.0),
    ]
    assert load(files, 7, WAY) is None


def test_results_are_added_to_those_of_the_same_name(files):
    more = FOUND.with_results({"ssim": Result(0.7)}, 20.0)
    assert (more.results["ssim"].value, more.results["precision"], more.at) == (0.7, FOUND.results["precision"], 20.0)


def test_some_results_can_be_picked_out():
    assert list(FOUND.only(["ssim"]).results) == ["ssim"]
    assert FOUND.only([]) == FOUND


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"results": 3}', b"\xff", b'{"results": {}, "way": {"seed": 1}}', b"[" * 100_000]
)
def test_a_damaged_file_is_no_evaluation(files, content):
    path = save(files, FOUND)
    path.write_bytes(content)
    assert load_all(files) == [] and load(files, 1400, WAY) is None


def test_facts_of_a_later_version_are_left_out(files):
    path = save(files, FOUND)
    facts = json.loads(path.read_bytes())
    facts["colour"] = "blue"
    facts["results"]["precision"]["mood"] = 1
    path.write_text(json.dumps(facts))
    assert load(files, 1400, WAY) == FOUND


def test_a_run_that_was_never_evaluated_has_none(files):
    assert load_all(files) == [] and not folder_of(files).exists()


def test_a_run_that_was_deleted_is_not_made_again(files):
    rmtree(files.folder)
    with pytest.raises(UnknownRun):
        save(files, FOUND)
    assert not files.folder.exists()
