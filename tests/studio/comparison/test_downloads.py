"""How much a download has in it, said before it is made, and what an import did, said after it."""

import tempfile

import numpy as np
import pytest

from pipeline.errors.machine import CannotWrite, UnusableFile
from pipeline.runs import metrics
from pipeline.runs.bundles.importing import Imported, ImportedRun
from pipeline.runs.exporting.progress import unseen
from pipeline.studio.comparison import downloads
from pipeline.studio.comparison.imports import import_content, imported_words


@pytest.fixture
def trained(store, new_run):
    """A run of 20 steps with two metrics and a checkpoint of 1,000 bytes at each of the steps 5, 10 and 20."""
    run = new_run()
    metrics.append(store, run.id, 1, ["G_loss", "D_loss"], np.ones((20, 2)))
    store.update(run.id, step=20)
    for step in (5, 10, 20):
        folder = store.files(run.id).checkpoint_folder(step)
        folder.mkdir()
        (folder / "weights").write_bytes(bytes(1000))
    return store.run(run.id)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("csv", "About 20 rows with 2 metrics."),
        ("long-parquet", "At most 40 rows, of 2 metrics."),
        ("bundle", "About 1.0 kB, and the curves."),
        ("full-bundle", "About 3.0 kB, and the curves."),
    ],
)
def test_the_amount_is_known_before_anything_is_read(store, trained, kind, words):
    assert downloads.amount(store, [trained], kind) == downloads.Amount(words)


def test_a_fork_takes_its_ancestors_along_in_a_bundle(store, trained, new_run):
    fork = new_run(parent=trained.id, parent_step=10)
    assert downloads.amount(store, [fork], "full-bundle").words == (
        "About 3.0 kB, with 1 run that it was forked from, and the curves."
    )
    assert downloads.amount(store, [fork], "csv").refusal == "Nothing is recorded yet."


def test_what_is_too_large_for_a_browser_is_left_to_the_command_line(store, trained, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_VALUES", 39)
    monkeypatch.setattr(downloads, "MOST_BYTES", 900)
    for kind, to in (("csv", "csv"), ("bundle", "bundle --checkpoints chosen"), ("full-bundle", "bundle --out")):
        assert f"pipeline export RUN --to {to}" in downloads.amount(store, [trained], kind).refusal
    with pytest.raises(UnusableFile, match="too large for a browser"):
        downloads.write(store, [trained], "bundle", tmp_path / "a.zip", unseen)


def test_a_disk_that_takes_no_temporary_files_is_said_in_a_sentence(store, trained, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    for do in (
        lambda: downloads.content(store, [trained], "csv", unseen),
        lambda: import_content(store, "a.zip", b"", "Ada", unseen),
    ):
        with pytest.raises(CannotWrite, match="The folder for temporary files cannot be written: no such file"):
            do()


def test_an_import_says_what_is_new_what_was_here_and_what_was_left_out():
    runs = (ImportedRun("a", "a", "dcgan", 20, None), ImportedRun("c", "b", "vae", 20, "x"))
    assert imported_words(Imported(runs, {"d": "d"}, ("cats",), ("dogs",))) == (
        "Imported 2 runs: dcgan and vae. 1 run got another id, because a run here has it. 1 run was here already. "
        "Without the curves before their forks, because those runs are not here: vae. Also the uploaded images cats. "
        "The uploaded images dogs were left out: others here have that name."
    )
