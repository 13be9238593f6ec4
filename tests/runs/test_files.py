"""The files of a run: their paths, which are kept, their total size."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors.machine import CannotWrite
from pipeline.errors.runs import UnknownRun
from pipeline.runs import pins
from pipeline.runs.files import KEPT_GRIDS, RunFiles, crowded_steps
from pipeline.runs.keeping import Keeping

RUN = "20261122-140501-3fa9c2d1"


@pytest.fixture
def files(tmp_path: Path) -> RunFiles:
    return RunFiles(tmp_path, RUN)


@pytest.mark.parametrize("run", ["..", "../../etc", "/etc", "", "latest", RUN + "/../.."])
def test_a_run_id_that_looks_like_a_path_leads_nowhere(tmp_path: Path, run: str):
    with pytest.raises(UnknownRun):
        RunFiles(tmp_path, run)


def test_a_run_without_files_lists_none_and_uses_no_space(files: RunFiles):
    assert files.checkpoints() == []
    assert files.grids() == []
    assert files.disk_used() == 0


def test_checkpoints_are_listed_by_step_and_unfinished_ones_are_not(files: RunFiles):
    for step in (1400, 200, 1_000_000_000_000):
        files.checkpoint_folder(step).mkdir(parents=True)
    (files.checkpoint_folder(0).parent / ".step-000000300.partial").mkdir()
    assert [step for step, _ in files.checkpoints()] == [200, 1400, 1_000_000_000_000]
    assert all(folder == files.checkpoint_folder(step) for step, folder in files.checkpoints())


def test_checkpoints_are_deleted_that_are_not_kept_and_nothing_else(files: RunFiles):
    for step in (0, 5, 6, 7, 8, 9, 10):
        files.checkpoint_folder(step).mkdir(parents=True)
        (files.checkpoint_folder(step) / "weights.safetensors").write_bytes(b"w" * step)
    assert files.checkpoint_sizes() == {step: step for step in (0, 5, 6, 7, 8, 9, 10)}
    pins.keep(files, 7)
    files.thin(Keeping(), best=[6, 99])
    assert [step for step, _ in files.checkpoints()] == [0, 5, 6, 7, 8, 9, 10]
    files.thin(Keeping(last=1, doublings=False), best=[6, 99])
    assert [step for step, _ in files.checkpoints()] == [6, 7, 10]
    files.thin(Keeping(most_bytes=1))
    assert [step for step, _ in files.checkpoints()] == [7, 10]
    assert list(files.checkpoint_folder(0).parent.glob(".*")) == []


def test_a_sample_grid_replaces_the_one_of_its_step(files: RunFiles):
    files.save_grid(50, b"first")
    path = files.save_grid(50, b"second")
    assert files.grids() == [(50, path)]
    assert path.read_bytes() == b"second"
    assert files.disk_used() == len(b"second")


def test_at_most_five_hundred_grids_are_kept_evenly_spread(files: RunFiles):
    for step in range(0, (KEPT_GRIDS + 250) * 20, 20):
        files.save_grid(step, b"")
    steps = [step for step, _ in files.grids()]
    assert len(steps) == KEPT_GRIDS
    assert (steps[0], steps[-1]) == (0, (KEPT_GRIDS + 249) * 20)
    gaps = {after - before for before, after in pairwise(steps)}
    assert gaps <= {20, 40, 60}


@given(st.sets(st.integers(0, 10_000), min_size=2), st.integers(2, 20))
def test_thinning_leaves_the_requested_number_and_keeps_the_first_and_the_last(steps: set[int], most: int):
    left = steps - set(crowded_steps(list(steps), most))
    assert len(left) == min(len(steps), most)
    assert {min(steps), max(steps)} <= left


def test_a_grid_that_cannot_be_written_is_reported(tmp_path: Path):
    (tmp_path / "runs").write_text("in the way")
    with pytest.raises(CannotWrite, match="cannot be written: not a directory"):
        RunFiles(tmp_path, RUN).save_grid(1, b"")
