"""A home that an earlier version has left: its runs are listed as they were and go on as that version's would.

`make.py` says what is in it and how it was made. On a machine that computes as the one that made it everything is
compared bit for bit, elsewhere closely (`tests/recorded/machine.py`); nothing is skipped.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.engine.worker import TrainingWorker
from pipeline.runs import probes, watching
from pipeline.runs.store import Store
from pipeline.runtime.messages import Command
from tests.old_home.going_on import ARRAYS, FACTS, FURTHER, HOME, command, digest, go_on, kept, whole
from tests.recorded.machine import Arrays, differences, facts

EXPECTED = json.loads(FACTS.read_text(encoding="utf-8"))
RUNS = EXPECTED["runs"]
CHECKED_UP = {f"metrics/{name}" for name in ("diversity", "energy_distance", "D_train", "D_held_out")}
"""Carried forward from the last sample grid, and one that is drawn on resuming comes at another step than others."""

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def old_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the old home, in force."""
    copy = shutil.copytree(HOME, tmp_path / "home")
    monkeypatch.setenv("GENSCOPE_HOME", str(copy))
    monkeypatch.delenv("GENSCOPE_DATABASE_URL", raising=False)
    return copy


def expected(name: str, when: str) -> dict[str, np.ndarray]:
    with np.load(ARRAYS, allow_pickle=False) as file:
        start = f"{name}/{when}/"
        # Since then every image that `sample` draws has a stream of its own; only the grids keep their noise.
        return {
            key.removeprefix(start): file[key] for key in file.files if key.startswith(start) and key != f"{start}drawn"
        }


def without_drawn(found: Arrays) -> Arrays:
    return {key: each for key, each in found.items() if key != "drawn"}


def test_its_runs_are_listed_as_they_were(old_home: Path):
    listed = command("runs")["runs"]
    assert [each["run"] for each in listed] == [each["run"] for each in EXPECTED["listed"]]
    for now, then in zip(listed, EXPECTED["listed"], strict=True):
        # A later version may tell more of a run, and nothing else of what was told.
        assert {fact: now[fact] for fact in then} == then


@pytest.mark.parametrize("name", RUNS)
def test_what_a_run_has_recorded_is_read_and_its_checkpoint_drawn_from(old_home: Path, name: str):
    found = without_drawn(kept(old_home, RUNS[name]))
    assert differences(found, expected(name, "before"), EXPECTED["machine"]) == {}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_goes_on_as_the_version_that_made_it_would(old_home: Path, name: str):
    found = without_drawn(go_on(old_home, RUNS[name]))
    assert differences(found, expected(name, "after"), EXPECTED["machine"]) == {}
    if facts() == EXPECTED["machine"]:
        # The same weights, and no others.
        assert digest(found) == EXPECTED["weights"][name]


def test_a_run_goes_back_before_what_was_done_to_it_and_comes_forward_again(old_home: Path):
    """Its journal has an update of the discriminator alone and a learning rate: the replay does both again."""
    worker = TrainingWorker(old_home, publish=lambda snapshot: None)

    def ask(kind: str, **arguments: object) -> None:
        worker.obey(Command(kind, run=RUNS["gan"], who="Ada", arguments=arguments))
        while worker.busy:
            worker.advance(lambda: False)

    ask("resume", run=RUNS["gan"], paused=True)
    ask("back", step=63)
    assert (worker.snapshot.step, worker.snapshot.live["generator_optimizer.learning_rate"]) == (63, 0.0002)
    ask("run_to", step=85)
    assert worker.snapshot.live["generator_optimizer.learning_rate"] == 0.0005
    ask("chunk", steps=FURTHER)
    worker.close()
    wanted = {key: each for key, each in expected("gan", "after").items() if key not in CHECKED_UP}
    assert differences(without_drawn(whole(old_home, RUNS["gan"])), wanted, EXPECTED["machine"]) == {}


def test_probes_breakpoints_and_watches_of_a_run_are_found(old_home: Path):
    with Store(old_home) as store:
        files = store.files(RUNS["gan"])
        assert probes.load(files).steps.tolist() == [70, 80]
        found = watching.load(files)
    assert [each.expression for each in found.breakpoints] == ["D_real > 1.5 and mean(G_grad_norm, 10) < 1e-3"]
    assert found.watches == ("G_loss - D_loss",)


def test_its_saved_workflow_and_the_workflow_in_its_pictures_are_still_sound(old_home: Path):
    grids = [max((old_home / "runs" / run / "grids").glob("*.png")) for run in RUNS.values()]
    files = [old_home / "workflows" / "wider.json", *grids]
    assert [file.name for file in files if not command("check", file)["ok"]] == []


@pytest.mark.parametrize("name", RUNS)
def test_an_image_that_is_drawn_from_it_is_the_same_for_every_count(old_home: Path, name: str):
    drawn = {}
    for count in (3, 16):
        out = old_home / f"{count}.npz"
        command("sample", RUNS[name], "--count", count, "--seed", 0, "--device", "cpu", "--out", out)
        with np.load(out) as file:
            drawn[count] = file["images"].astype(int)
    assert np.abs(drawn[3] - drawn[16][:3]).max() <= 1
