"""Sweeps: the workflows of a grid or of a random search, their names, and what is refused."""

from dataclasses import replace

import pytest

from pipeline.errors.queue import UnusableSweep
from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.studio.queue.sweep import Sweep, grid, random_search
from pipeline.studio.queue.sweep_preview import preview
from pipeline.studio.queue.sweep_values import read_grid, read_random
from pipeline.studio.workflows import open_template

WORKFLOW = open_template("dcgan")
RATES = ("generator_optimizer.learning_rate=0.001,0.0002", "discriminator_optimizer.learning_rate=0.001,0.0002")


def grid_of(*options: str, workflow=WORKFLOW) -> Sweep:
    return grid(workflow, [read_grid(workflow, each) for each in options])


def test_a_grid_has_every_combination_named_by_its_values():
    found = grid_of(RATES[0], "training.batch_size=32,64")
    assert [run.name for run in found.runs] == [
        "dcgan, lr 0.001, batch 32", "dcgan, lr 0.001, batch 64", "dcgan, lr 0.0002, batch 32",
        "dcgan, lr 0.0002, batch 64",
    ]  # fmt: skip
    assert found.name == "dcgan sweep" and found.refused == () and found.duplicates == 0
    expected = edit.apply_settings(WORKFLOW, found.runs[1].settings, NODES)
    assert found.runs[1].checked.text == document.write(expected)


def test_parameters_of_one_name_are_told_apart_by_their_nodes():
    assert grid_of(*RATES).runs[1].name == "dcgan, Generator lr 0.001, Discriminator lr 0.0002"


def test_names_that_are_too_long_are_numbers_instead():
    found = grid_of(*RATES, workflow=replace(WORKFLOW, name="a long name " * 4))
    assert [run.name for run in found.runs][2].endswith(", 3 of 4")
    assert all(len(run.name) <= 60 for run in found.runs)


def test_equal_values_are_one_run_however_they_are_written():
    found = grid_of("generator_optimizer.learning_rate=0.001,1e-3,0.0010,1", "training.batch_size=32,32")
    assert [run.name for run in found.runs] == ["dcgan, lr 0.001, batch 32", "dcgan, lr 1, batch 32"]
    assert found.duplicates == 6


def test_combinations_that_cannot_be_trained_are_refused_with_the_reason_and_the_others_stay():
    found = grid_of("training.batch_size=32,0,1000000")
    assert len(found.runs) == 1
    assert [each.settings for each in found.refused] == [("training.batch_size=0",), ("training.batch_size=1000000",)]
    assert "Batch size is 0" in found.refused[0].why
    with pytest.raises(UnusableSweep, match=r"none of its combinations can be trained\. The first one \(training\.b"):
        grid_of("training.batch_size=0,1").require_runs()


def test_a_random_search_draws_the_same_runs_with_the_same_seed():
    axes = [read_random(WORKFLOW, each) for each in (RATES[0], "training.batch_size=8..256:log")]
    first, again, other = (random_search(WORKFLOW, axes, 6, seed) for seed in (1, 1, 2))
    assert [run.settings for run in first.runs] == [run.settings for run in again.runs]
    assert [run.settings for run in first.runs] != [run.settings for run in other.runs]
    assert len(first.runs) + first.duplicates == 6


def test_a_sweep_that_is_too_large_empty_or_names_a_parameter_twice_is_refused():
    hundred = ",".join(map(str, range(2, 102)))
    with pytest.raises(UnusableSweep, match="it has 10,000 combinations; the most are 1,000"):
        grid_of(f"training.batch_size={hundred}", f"training.seed={hundred}")
    with pytest.raises(UnusableSweep, match=r"training\.seed is named 2 times"):
        grid_of("training.seed=1,2", "training.seed=3")
    with pytest.raises(UnusableSweep, match="no parameter varies"):
        grid(WORKFLOW, [])
    with pytest.raises(UnusableSweep, match="0 runs are not between 1 and 1,000"):
        random_search(WORKFLOW, [read_grid(WORKFLOW, RATES[0])], 0, 0)


def test_a_preview_adds_up_time_and_disk_of_all_runs(store, new_run):
    found = grid_of("training.batch_size=32,64,0", "training.seed=1,2,2", "training.device=cpu")
    unknown = preview(store, found)
    assert (unknown.runs, unknown.timed, unknown.duplicates, len(unknown.refused)) == (4, 0, 3, 2)
    assert unknown.sentences[1].startswith("Time unknown")
    # A quarter of a second for each step with a batch of 32; the other batch by multiply-adds: half to twice.
    text = found.runs[0].checked.text
    store.update(new_run(workflow_text=text).id, step=100, seconds=25.0)
    steps = found.runs[0].checked.training.total_steps
    known = preview(store, found)
    assert known.timed == 4
    assert known.low == pytest.approx(2 * steps * 0.25 * 5 / 6 + 2 * steps * 0.5 / 2)
    assert known.high == pytest.approx(2 * steps * 0.25 * 7 / 6 + 2 * steps * 0.5 * 2)
    assert known.sentences[1].startswith("In all about ")
    assert known.sentences[-1] == (
        "Refused: training.batch_size=0, training.seed=2 and training.device=cpu. "
        "training (Training): Batch size is 0, less than the minimum of 2."
    )
