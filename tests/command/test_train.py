"""`train`: training, output and records, and refused input."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.__main__ import main
from pipeline.runs.lock import RunLock, holder
from pipeline.runs.store import Store

METRICS = {"D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm", "images_per_second"}

TEMPLATES = Path(__file__).parents[2] / "pipeline" / "templates"
CRITIC = (
    "data.dataset=digits", "generator.image_size=8", "generator.base_channels=8", "discriminator.base_channels=8",
    "training.batch_size=8", "samples.count=4",
)  # fmt: skip

Run = Callable[..., tuple[int, dict[str, Any], str]]


def test_train_prints_one_object_that_says_what_was_trained(trained: Any) -> None:
    home, process = trained
    facts = json.loads(process.stdout)
    assert process.returncode == 0
    assert (facts["steps"], facts["step"], facts["state"], facts["device"]) == (10, 10, "paused", "cpu")
    assert facts["seconds"] > 0
    assert facts["images_per_second"] == pytest.approx(10 * 8 / facts["seconds"])
    assert facts["metrics"].keys() >= METRICS
    assert (home / "runs" / facts["run"]).is_dir()


def test_a_run_with_steps_left_says_how_to_resume_it_and_lets_pages_know_where_it_pauses(
    small: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    goals = list[int | None]()

    def look(*_: object) -> None:
        with Store(home) as store:
            found = holder(store.files(store.recent(1)[0].id))
            goals.append(found.goal if found else -1)

    monkeypatch.setattr("pipeline.engine.terminal_line.ProgressLine.show", look)
    assert main(["train", str(small), "--steps", "10"]) == 0
    assert set(goals) == {10}
    with Store(home) as store:
        assert f"\nTo resume: python -m pipeline train --resume {store.recent(1)[0].id}\n" in capfd.readouterr().out
    goals.clear()
    assert main(["train", "--resume", "latest"]) == 0
    assert set(goals) == {None}
    said = capfd.readouterr().out
    assert "is finished at step 30 of 30" in said and "To resume" not in said


def test_the_last_step_is_measured_and_a_resumed_run_measures_as_an_uninterrupted_one_does(
    run: Run, small: Path, tmp_path: Path
) -> None:
    def measured() -> dict[int, str]:
        run("export", "latest", "--to", "csv", "--out", tmp_path / "run.csv")
        with (tmp_path / "run.csv").open(newline="") as file:
            return {int(row["step"]): row["diversity"] for row in csv.DictReader(file) if row["diversity"]}

    every = ("--set", "samples.every=4")
    run("train", small, "--steps", 12, *every)
    whole = measured()
    assert list(whole) == [4, 8, 12]
    _, facts, _ = run("train", small, "--steps", 6, *every)
    begun = measured()
    assert list(begun) == [4, 6]
    assert np.float32(facts["metrics"]["diversity"]) == np.float32(begun[6])
    _, facts, _ = run("train", "--resume", "latest", "--steps", 6)
    assert measured() == {6: begun[6]} | whole
    assert np.float32(facts["metrics"]["diversity"]) == np.float32(whole[12])


def test_a_metric_that_a_run_has_no_number_for_is_null(run: Run, small: Path) -> None:
    """r_t is defined for logits only, so a critic's run has no value for it."""
    options = [option for setting in CRITIC for option in ("--set", setting)]
    code, facts, _ = run("train", TEMPLATES / "wgan-gp.json", "--steps", "1", *options)
    assert code == 0 and facts["metrics"]["r_t"] is None
    assert isinstance(facts["metrics"]["critic_slope"], float)


def test_train_reports_progress_on_standard_error(trained: Any) -> None:
    assert "from step 0 to 10" in trained[1].stderr
    assert "Traceback" not in trained[1].stderr


def test_train_says_when_images_are_streamed(run: Run, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENSCOPE_DATA_BUDGET", "0")
    code, _, told = run("train", small, "--steps", 2)
    assert code == 0
    assert "streamed" in told and "103.5 kB" in told and "cpu" in told


@pytest.mark.parametrize(
    ("option", "culprit"),
    [
        (["--set", "training.batch_size=0"], "Batch size"),
        (["--set", "data.dataset=imagenet"], "Data set"),
        (["--set", "generator_optimizer.learning_rate=NaN"], "Learning rate"),
        (["--seed", "-1"], "Seed"),
        (["--device", "tpu"], "Device"),
        (["--device", "cuda:77"], "cuda:77"),
    ],
)
def test_a_workflow_that_cannot_be_built_starts_no_run(option: list[str], culprit: str, run: Run, small: Path) -> None:
    code, facts, _ = run("train", small, "--steps", 1, *option)
    assert code == 2
    assert culprit in facts["error"]
    assert run("runs")[1] == {"runs": []}


def test_seed_and_device_are_parameters_of_the_training_node(run: Run, small: Path) -> None:
    arguments = ("train", small, "--steps", 3, "--device", "cpu")
    losses = [run(*arguments, "--seed", seed)[1]["metrics"]["D_loss"] for seed in (7, 7, 8)]
    assert losses[0] == losses[1] != losses[2]
    assert {entry["seed"] for entry in run("runs")[1]["runs"]} == {7, 8}


def test_steps_beyond_the_planned_end_move_it(run: Run, small: Path) -> None:
    code, facts, _ = run("train", small, "--set", "training.total_steps=2", "--steps", 5)
    assert (code, facts["step"], facts["total_steps"], facts["state"]) == (0, 5, 5, "finished")


def test_resume_trains_from_the_last_checkpoint_to_the_planned_end(run: Run, small: Path) -> None:
    _, begun, _ = run("train", small, "--steps", 4)
    code, facts, _ = run("train", "--resume", "latest")
    assert (code, facts["run"], facts["steps"], facts["step"]) == (0, begun["run"], 26, 30)
    assert facts["state"] == "finished"
    code, refusal, _ = run("train", "--resume", begun["run"])
    assert (code, refusal["kind"]) == (2, "RunComplete")
    assert run("runs")[1]["runs"][0]["state"] == "finished"
    assert run("train", "--resume", begun["run"], "--steps", 1)[1]["step"] == 31


def test_an_epoch_is_the_number_of_steps_for_one_pass_over_the_training_images(run: Run, small: Path) -> None:
    batch = ("--set", "training.batch_size=512")
    # There are 1,617 training images, more than three batches of 512.
    code, begun, _ = run("train", small, *batch, "--epochs", 1)
    assert (code, begun["step"], begun["state"]) == (0, 4, "paused")
    code, further, _ = run("train", "--resume", begun["run"], "--epochs", 11)
    assert (code, further["steps"], further["step"], further["state"]) == (0, 35, 39, "finished")
    assert run("train", "--resume", begun["run"], "--epochs", 1)[1]["step"] == 43


@pytest.mark.parametrize("epochs", [["0"], ["0.5"], ["1", "--steps", "3"]])
def test_epochs_must_be_a_whole_number_and_exclude_steps(epochs: list[str], run: Run, small: Path) -> None:
    code, refused, _ = run("train", small, "--epochs", *epochs)
    assert code == 2 and "--epochs" in refused["error"]
    assert run("runs")[1] == {"runs": []}


def test_a_run_that_another_process_trains_is_not_resumed(run_at_home: Run, trained: Any) -> None:
    with Store(trained[0]) as store:
        record = store.resolve("latest")
        with RunLock(store.files(record.id)):
            code, facts, _ = run_at_home("train", "--resume", record.id)
        assert (code, facts["kind"]) == (2, "RunLocked")
        assert store.run(record.id) == record


def test_a_node_that_cannot_be_built_fails_the_run_and_the_next_one_starts(
    run: Run, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A download that fails at once.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    code, facts, err = run("train", small, "--set", "data.dataset=mnist", "--set", "data.image_size=8", "--steps", 1)
    assert (code, facts["kind"]) == (1, "NodeFailure")
    assert "(data) failed to be built" in facts["error"] and "Traceback" not in err
    assert run("runs")[1]["runs"][0]["error_node"] == "data"
    assert run("train", small, "--steps", 1)[0] == 0
