"""Profiles as files of a run: kept, thinned out, damaged and deleted."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors.machine import CannotWrite
from pipeline.runs import profiles
from pipeline.runs.bundles.run_files import open_groups
from pipeline.runs.deletion import delete_runs
from pipeline.runs.files import RunFiles
from pipeline.runs.profile_records import BETWEEN, OperatorTime, Profile, ProfileTables, StageTime
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import SQLITE

DATABASES = SQLITE

TABLES = ProfileTables(
    milliseconds=12.5,
    stages=(
        StageTime("generator", "generate", 2, 10.0, 2.5, 0.8, 0.0, 4096),
        StageTime(BETWEEN, BETWEEN, 2, 2.5, 2.0, 0.2, 0.0, 0),
    ),
    operators=(OperatorTime("aten::mm", 4, 7.0, 7.5, 0.0, 2048, "generator", "generate", 1.0),),
)
MADE = Profile(101, 102, 1000.0, "cpu", 2, "PyTorch 2.14.1", "", TABLES)


@pytest.fixture
def files(store: Store, new_run: Callable[..., RunRecord]) -> RunFiles:
    return store.files(new_run().id)


def save(files: RunFiles, last: int, made: float, trace: bytes = b'{"traceEvents": []}') -> Profile:
    profile = replace(MADE, first=last - 1, last=last, made=made)
    with profiles.workplace(files) as folder:
        (folder / "trace.json").write_bytes(trace)
        profiles.save(files, profile, folder / "trace.json")
    return profile


def names(files: RunFiles) -> list[str]:
    return sorted(path.name for path in profiles.folder_of(files).iterdir())


def test_a_profile_is_read_as_it_was_saved_with_its_trace(files: RunFiles) -> None:
    assert profiles.load(files) == ()
    saved = save(files, 102, 1000.0, b"[1, 2, 3]")
    assert profiles.load(files) == (saved,)
    path = profiles.trace_of(files, saved)
    assert path is not None and gzip.decompress(path.read_bytes()) == b"[1, 2, 3]"
    assert names(files) == ["step-000000102.json", "step-000000102.json.gz"]


def test_the_last_five_that_were_made_are_kept_whatever_their_steps(files: RunFiles) -> None:
    for made, last in enumerate((900, 800, 50, 700, 20, 600, 10), start=1):
        save(files, last, float(made))
    assert [each.last for each in profiles.load(files)] == [10, 600, 20, 700, 50]
    assert len(names(files)) == 10


def test_a_profile_of_the_same_step_replaces_the_earlier_one(files: RunFiles) -> None:
    save(files, 102, 1.0)
    newer = save(files, 102, 2.0)
    assert profiles.load(files) == (newer,)


def test_what_a_killed_process_left_is_ignored_and_cleared_away(files: RunFiles) -> None:
    save(files, 102, 1.0)
    folder = profiles.folder_of(files)
    (folder / "step-000000500.json.gz").write_bytes(b"a trace without its facts")
    (folder / ".trace-killed").mkdir()
    (folder / ".trace-killed" / "trace.json").write_bytes(b"half")
    assert [each.last for each in profiles.load(files)] == [102]
    save(files, 103, 2.0)
    assert [name for name in names(files) if "500" in name or name.startswith(".")] == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"first": 3, "last": 1}', b'{"first": 1, "last": 2, "tables": {}}', b"\xff"]
)
def test_a_damaged_profile_is_ignored(files: RunFiles, content: bytes) -> None:
    save(files, 102, 1.0)
    (profiles.folder_of(files) / "step-000000103.json").write_bytes(content)
    assert [each.last for each in profiles.load(files)] == [102]


def test_a_profile_under_the_name_of_another_step_is_ignored(files: RunFiles) -> None:
    save(files, 102, 1.0)
    folder = profiles.folder_of(files)
    (folder / "step-000000102.json").rename(folder / "step-000000107.json")
    assert profiles.load(files) == ()


def test_a_missing_trace_is_said(files: RunFiles) -> None:
    saved = save(files, 102, 1.0)
    (profiles.folder_of(files) / "step-000000102.json.gz").unlink()
    assert profiles.trace_of(files, saved) is None and profiles.load(files) == (saved,)


def test_a_folder_that_cannot_be_made_is_said(files: RunFiles) -> None:
    files.make()
    profiles.folder_of(files).write_bytes(b"a file in its place")
    with pytest.raises(CannotWrite, match="profiles cannot be written"), profiles.workplace(files):
        pass


def test_a_bundle_has_the_profiles_of_its_run_and_deletion_removes_them(store: Store, files: RunFiles) -> None:
    save(files, 102, 1.0)
    bundled = [name for group in open_groups(files, ()) for name, _ in group]
    assert bundled == ["profiles/step-000000102.json", "profiles/step-000000102.json.gz"]
    delete_runs(store, [files.run])
    assert not Path(profiles.folder_of(files)).exists()
