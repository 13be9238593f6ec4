"""A home created by an earlier version: its runs are listed unchanged and resume exactly as in that version.

`make.py` describes its contents and how it was created. On a machine with the same arithmetic as the one that created
it, everything is compared bit for bit; on others, approximately (`tests/recorded/machine.py`). Nothing is skipped.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.engine.worker import TrainingWorker
from pipeline.runs import probes, watching
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Back, Chunk, Resume, RunTo
from tests.old_home.going_on import ARRAYS, FACTS, FURTHER, HOME, command, digest, go_on, kept, whole
from tests.recorded.machine import Arrays, differences, facts

EXPECTED = json.loads(FACTS.read_text(encoding="utf-8"))
RUNS = EXPECTED["runs"]
CHECKED_UP = {
    f"metrics/{name}"
    for name in (
        *("diversity", "energy_distance", "D_train", "D_held_out", "r_t", "dead_units"),
        *("held_out_reconstruction", "mean_image_error", "active_units"),
    )
}
"""Measured with each sample grid. The old version repeated a value in the rows of the steps after its measurement."""

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("one_thread")]


GRID_EVERY = 20
"""Steps between two sample grids of the old runs."""


@pytest.fixture
def old_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the old home, set as GENSCOPE_HOME."""
    copy = shutil.copytree(HOME, tmp_path / "home")
    monkeypatch.setenv("GENSCOPE_HOME", str(copy))
    monkeypatch.delenv("GENSCOPE_DATABASE_URL", raising=False)
    return copy


def expected(name: str, when: str) -> dict[str, np.ndarray]:
    with np.load(ARRAYS, allow_pickle=False) as file:
        start = f"{name}/{when}/"
        # `sample` now uses a random stream per image, so its images differ. The noise of sample grids is unchanged.
        return {
            key.removeprefix(start): file[key] for key in file.files if key.startswith(start) and key != f"{start}drawn"
        }


def gone_on(name: str) -> dict[str, np.ndarray]:
    """What the old version had after it resumed a run, but for the sample grid of that step, which it kept beside those
    that are due: a run that was never interrupted has none."""
    before, after = expected(name, "before"), without_measurements(expected(name, "after"))
    due = {key for key in after if not key.startswith("grids/") or int(key[-9:]) % GRID_EVERY == 0}
    return {key: each for key, each in after.items() if key in due or key in before}


def without_drawn(found: Arrays) -> Arrays:
    return {key: each for key, each in found.items() if key != "drawn"}


def without_measurements(found: Arrays) -> dict[str, np.ndarray]:
    return {key: each for key, each in found.items() if key not in CHECKED_UP}


def assert_measured_as_before(found: Arrays, before: Arrays, first: int = 0) -> None:
    """Assert that each measurement after step `first` has the value that the old version repeated from the next row
    on."""
    for name in CHECKED_UP.intersection(before):
        if np.isfinite(before[name]).any():
            rows = np.flatnonzero(np.isfinite(found[name][:-1]))
            rows = rows[found["metrics/step"][rows] > first]
            assert len(rows)
            compared = {name: found[name][rows]}, {name: before[name][rows + 1]}
            assert differences(*compared, EXPECTED["machine"]) == {}


def test_old_runs_are_listed_as_before(old_home: Path):
    listed = command("runs")["runs"]
    assert [each["run"] for each in listed] == [each["run"] for each in EXPECTED["listed"]]
    for now, then in zip(listed, EXPECTED["listed"], strict=True):
        # Later versions may add facts, but must not change the old ones.
        assert {fact: now[fact] for fact in then} == then


@pytest.mark.parametrize("name", RUNS)
def test_old_metrics_and_grids_are_unchanged_and_images_can_be_drawn(old_home: Path, name: str):
    found, before = without_drawn(kept(old_home, RUNS[name])), expected(name, "before")
    assert differences(found, without_measurements(before), EXPECTED["machine"]) == {}
    assert_measured_as_before(found, before)


@pytest.mark.parametrize("name", RUNS)
def test_a_resumed_run_trains_exactly_as_in_the_old_version(old_home: Path, name: str):
    found, after = without_drawn(go_on(old_home, RUNS[name])), expected(name, "after")
    with Store(old_home) as store:
        # They were trained on one thread, which only their checkpoints know.
        assert store.run(RUNS[name]).threads == 1
    assert differences(found, gone_on(name), EXPECTED["machine"]) == {}
    assert_measured_as_before(found, after)
    if facts() == EXPECTED["machine"]:
        # Exactly the same weights.
        assert digest(found) == EXPECTED["weights"][name]


def test_a_run_can_be_rewound_before_its_journal_entries_and_replays_them(old_home: Path):
    """The journal has a discriminator-only update and a changed learning rate; the replay repeats both."""
    worker = TrainingWorker(old_home, publish=lambda snapshot: None)

    def ask(command: type, **fields: object) -> None:
        worker.obey(command(**{"run": RUNS["gan"], "who": "Ada", **fields}))
        while worker.busy:
            worker.advance(lambda: False)

    ask(Resume, run=RUNS["gan"], paused=True)
    ask(Back, step=63)
    assert (worker.snapshot.step, worker.snapshot.live["generator_optimizer.learning_rate"]) == (63, 0.0002)
    ask(RunTo, step=85)
    assert worker.snapshot.live["generator_optimizer.learning_rate"] == 0.0005
    ask(Chunk, steps=FURTHER)
    worker.close()
    found = without_drawn(whole(old_home, RUNS["gan"]))
    assert differences(found, gone_on("gan"), EXPECTED["machine"]) == {}


def test_probes_breakpoints_and_watches_of_an_old_run_are_loaded(old_home: Path):
    with Store(old_home) as store:
        files = store.files(RUNS["gan"])
        assert probes.load(files).steps.tolist() == [70, 80]
        found = watching.load(files)
    assert [each.expression for each in found.breakpoints] == ["D_real > 1.5 and mean(G_grad_norm, 10) < 1e-3"]
    assert found.watches == ("G_loss - D_loss",)


def test_the_saved_workflow_and_the_workflows_in_sample_grids_are_still_valid(old_home: Path):
    grids = [max((old_home / "runs" / run / "grids").glob("*.png")) for run in RUNS.values()]
    files = [old_home / "workflows" / "wider.json", *grids]
    assert [file.name for file in files if not command("check", file)["ok"]] == []


@pytest.mark.parametrize("name", RUNS)
def test_images_drawn_from_an_old_run_do_not_depend_on_the_count(old_home: Path, name: str):
    drawn = {}
    for count in (3, 16):
        out = old_home / f"{count}.npz"
        command("sample", RUNS[name], "--count", count, "--seed", 0, "--device", "cpu", "--out", out)
        with np.load(out) as file:
            drawn[count] = file["images"].astype(int)
    assert np.abs(drawn[3] - drawn[16][:3]).max() <= 1
