"""Whatever fails in `train`, of whatever type, ends it with exit code 1 and a sentence that names the node."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine import launching
from pipeline.engine.active_run import ActiveRun
from pipeline.graph import document
from pipeline.inspection.checkup import SampleCheckup
from pipeline.runs.lock import holder
from pipeline.runs.store import Store
from pipeline.sampling import stored
from pipeline.training.threads import thread_count
from pipeline.training.trainer import Trainer

Run = Callable[..., tuple[int, dict[str, Any], str]]


class OwnError(BaseException):
    """An exception of a custom node."""


PLACES = (
    (launching, "assemble", KeyError("scores"), "begin: KeyError: 'scores'"),
    (SampleCheckup, "__init__", MemoryError(), "prepare its checkup: this machine's memory is full."),
    (SampleCheckup, "measure", RuntimeError("too wide"), "measure its checkup: too wide"),
    (Trainer, "slice", OwnError(), "train: OwnError."),
    (ActiveRun, "pause", TypeError("no tensor"), "be saved: no tensor"),
)


@pytest.mark.parametrize(("owner", "name", "error", "sentence"), PLACES, ids=[place[1] for place in PLACES])
def test_an_error_of_any_type_ends_train_with_a_sentence_and_a_failed_run(
    run: Run, small: Path, home: Path, owner: object, name: str, error: BaseException, sentence: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, raising(error))
        code, facts, err = run("train", small, "--steps", 2)
    assert (code, facts["kind"]) == (1, "NodeFailure")
    assert facts["error"].startswith(f"Training (training) failed to {sentence}")
    assert "Traceback" not in err and "Internal error" not in err
    with Store(home) as store:
        record = store.recent(1)[0]
        assert (record.state, record.error_node, record.error) == ("failed", "training", facts["error"])
        assert holder(store.files(record.id)) is None


def test_drawing_that_fails_is_a_sentence_too(
    run: Run, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("train", small, "--steps", 1)[0] == 0
    monkeypatch.setattr(stored, "draw_images", raising(KeyError("decoder")))
    code, facts, err = run("sample", "latest", "--count", 1, "--out", tmp_path / "grid.png")
    assert (code, facts["error"]) == (1, "Training (training) failed to draw its images: KeyError: 'decoder'")
    assert "Traceback" not in err


def test_a_grid_that_fails_names_its_own_node(run: Run, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "png_texts", raising(ValueError("no text")))
    code, facts, _ = run("train", small, "--steps", 1)
    assert (code, facts["error"]) == (1, "Samples (samples) failed to draw its images: no text")


def test_the_number_of_threads_is_in_the_answer_of_train_and_in_the_list_of_runs(run: Run, small: Path) -> None:
    _, facts, err = run("train", small, "--steps", 1, "--set", "training.threads=1", "--seed", 5)
    assert facts["threads"] == 1 and "on cpu with 1 CPU thread, from step 0" in err
    assert run("train", small, "--steps", 1)[1]["threads"] == thread_count()
    listed = run("runs")[1]["runs"]
    assert [each["threads"] for each in listed] == [thread_count(), 1]
    assert [each["seed"] for each in listed] == [0, 5]


def raising(error: BaseException) -> Callable[..., None]:
    def fails(*_: object, **__: object) -> None:
        raise error

    return fails
