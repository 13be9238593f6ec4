"""The table of runs."""

from pipeline.runs.deletion import delete_runs
from pipeline.studio.comparison.run_table import run_table
from pipeline.studio.comparison.runs_view import RunsView


def test_a_fork_says_what_was_changed_even_if_its_run_was_deleted(store, new_run):
    parent = new_run()
    new_run(parent=parent.id, parent_step=1450, changed="G lr 0.001")
    delete_runs(store, [parent.id])
    assert run_table(store, RunsView()).cells["Forked from"].tolist() == ["a deleted run, step 1,450: G lr 0.001"]
