"""Run the README's Python example in a real Jupyter kernel and interrupt it while it trains."""

from pathlib import Path

import nbclient
import nbformat
import pytest

from pipeline.runs import lock
from pipeline.runs.store import Store
from tests.test_readme import ROOT, example_of


@pytest.mark.slow
def test_the_python_example_runs_in_a_notebook_and_can_be_interrupted(home: Path) -> None:
    interrupted = (
        "import os, signal, threading\n"
        "threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGINT]).start()\n"
        "training.train(steps=10**8)\n"
        "print(training.step > 20)"
    )
    cells = [nbformat.v4.new_code_cell(text) for text in (example_of("From Python"), "grid", interrupted)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    # The kernel runs in the project's folder.
    folder = {"metadata": {"path": str(ROOT)}}
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources=folder).execute()
    shown, told = notebook.cells[1].outputs[0], notebook.cells[2].outputs
    assert "image/png" in shown.data
    assert "".join(each.text for each in told if each.name == "stdout") == "True\n"
    assert "Interrupted: run" in "".join(each.text for each in told if each.name == "stderr")
    with Store(home) as store:
        (record,) = store.recent()
        assert record.state == "paused"
        # The kernel has ended and released the run.
        assert lock.holder(store.files(record.id)) is None
