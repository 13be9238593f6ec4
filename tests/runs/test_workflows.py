"""Saved workflows: names are kept as they are, and never overwritten silently."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors.machine import CannotWrite
from pipeline.errors.workflow import NameExists, UnknownWorkflow, UnusableName
from pipeline.runs import workflows


def test_a_saved_workflow_is_listed_and_loaded_by_its_name(tmp_path: Path):
    assert workflows.save(tmp_path, "  Digits, sharper (2) ", "{}") == "Digits, sharper (2)"
    assert [workflow.name for workflow in workflows.saved(tmp_path)] == ["Digits, sharper (2)"]
    assert workflows.load(tmp_path, "Digits, sharper (2)") == "{}"
    assert (tmp_path / "workflows" / "Digits, sharper (2).json").is_file()


def test_nothing_is_saved_before_the_first(tmp_path: Path):
    assert workflows.saved(tmp_path) == []


def test_a_taken_name_is_overwritten_only_on_request(tmp_path: Path):
    workflows.save(tmp_path, "mine", "first")
    with pytest.raises(NameExists, match="workflow named 'mine' already exists"):
        workflows.save(tmp_path, "mine", "second")
    assert workflows.load(tmp_path, "mine") == "first"
    workflows.save(tmp_path, "mine", "second", replace=True)
    assert workflows.load(tmp_path, "mine") == "second"
    assert [path.name for path in (tmp_path / "workflows").iterdir()] == ["mine.json"]


def test_only_one_of_many_simultaneous_saves_under_a_name_succeeds(tmp_path: Path):
    def save(text: str) -> bool:
        try:
            workflows.save(tmp_path, "mine", text)
        except NameExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(save, map(str, range(32))))
    assert sum(done) == 1
    assert workflows.load(tmp_path, "mine") == str(done.index(True))


def test_the_one_saved_last_comes_first(tmp_path: Path):
    for age, name in enumerate(["new", "middle", "old"]):
        workflows.save(tmp_path, name, "{}")
        os.utime(tmp_path / "workflows" / f"{name}.json", (1000 - age, 1000 - age))
    assert [(each.name, each.saved) for each in workflows.saved(tmp_path)] == [
        ("new", 1000), ("middle", 999), ("old", 998),
    ]  # fmt: skip


def test_a_deleted_workflow_is_gone(tmp_path: Path):
    workflows.save(tmp_path, "mine", "{}")
    workflows.delete(tmp_path, "mine")
    assert workflows.saved(tmp_path) == []
    for door in (workflows.load, workflows.delete):
        with pytest.raises(UnknownWorkflow, match="No workflow is saved under the name 'mine'"):
            door(tmp_path, "mine")


def test_a_misspelt_name_gets_a_suggestion(tmp_path: Path):
    workflows.save(tmp_path, "sharper digits", "{}")
    with pytest.raises(UnknownWorkflow, match="did you mean 'sharper digits'"):
        workflows.load(tmp_path, "sharper digit")


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "\0", "x" * 61, "\ud800", "😀" * 60, "a\u202eb"])
def test_an_unusable_name_is_refused(tmp_path: Path, name: str):
    for door in (workflows.delete, lambda home, name: workflows.save(home, name, "{}")):
        with pytest.raises(UnusableName):
            door(tmp_path, name)
    with pytest.raises(UnknownWorkflow):
        workflows.load(tmp_path, name)
    assert not (tmp_path / "workflows").exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.one_of(
        st.text(max_size=70), st.sampled_from(["..", "../../etc/passwd", "/etc/passwd", "a/b", ".json", "%2E"])
    )
)
def test_any_name_stays_in_its_folder_and_is_preserved(tmp_path: Path, name: str):
    try:
        kept = workflows.save(tmp_path, name, "{}")
    except UnusableName:
        return
    assert [workflow.name for workflow in workflows.saved(tmp_path)] == [kept]
    assert workflows.load(tmp_path, name) == "{}"
    workflows.delete(tmp_path, name)
    assert [path.name for path in tmp_path.rglob("*")] == ["workflows"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "workflows").write_text("in the way")
    with pytest.raises(CannotWrite, match="workflows cannot be written"):
        workflows.save(tmp_path, "mine", "{}")
