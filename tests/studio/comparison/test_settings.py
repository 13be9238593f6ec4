from dataclasses import replace

import numpy as np
import pytest

from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.runs import metrics
from pipeline.studio import workflows
from pipeline.studio.comparison.runs_view import Column
from pipeline.studio.comparison.settings import axes, settings_that_differ


@pytest.fixture
def run_of(new_run):
    """`run_of("node.parameter=value", ...)`: a run of the default template with these settings."""

    def make(*settings, template="dcgan"):
        workflow = edit.apply_settings(workflows.open_template(template), settings, NODES)
        return new_run(workflow_text=document.write(workflow))

    return make


def told(runs):
    return {each.title: each.words for each in settings_that_differ(runs)}


def test_only_what_differs_is_listed_with_the_value_in_each_run(run_of):
    runs = [run_of(), run_of("training.batch_size=32"), run_of("training.batch_size=32", "training.seed=7")]
    assert told(runs) == {
        "Training · Batch size": ("64", "32", "32"),
        "Training · Seed": ("0", "0", "7"),
    }


def test_the_same_workflow_differs_in_nothing_and_one_run_from_nothing(run_of):
    assert told([run_of(), run_of()]) == told([run_of()]) == told([]) == {}


def test_optimizers_are_told_apart_by_the_network_that_they_train(run_of):
    runs = [run_of(), run_of("generator_optimizer.learning_rate=0.002")]
    assert told(runs) == {"Generator Adam · Learning rate": ("0.001", "0.002")}


def test_a_node_that_a_run_does_not_have_is_no_value(new_run, run_of):
    workflow = workflows.open_template("dcgan")
    nodes = {name: node for name, node in workflow.nodes.items() if name != "samples"}
    without = new_run(workflow_text=document.write(replace(workflow, nodes=nodes)))
    assert told([run_of(), without]) == {"Samples": ("Sample grid", "–")}


def test_nodes_of_one_title_in_different_workflows_are_told_apart(new_run, run_of):
    workflow = workflows.open_template("dcgan")
    nodes = {name.replace("samples", "pictures"): node for name, node in workflow.nodes.items()}
    other = new_run(workflow_text=document.write(replace(workflow, nodes=nodes)))
    assert told([run_of(), other]) == {
        "Samples (samples)": ("Sample grid", "–"),
        "Samples (pictures)": ("–", "Sample grid"),
    }


def test_a_workflow_that_cannot_be_read_has_no_nodes(new_run, run_of):
    assert "Training" in told([run_of(), new_run(workflow_text="{]")])


def test_axes_are_the_settings_that_differ_and_the_results_that_any_run_has(store, run_of):
    runs = [run_of(), run_of("training.batch_size=32", "data.dataset=digits")]
    metrics.append(store, runs[0].id, 1, ["G_loss"], np.array([[3.0], [2.0]]))
    found = {
        axis.title: (axis.values, axis.numeric) for axis in axes(store, runs, [Column("G_loss", "low"), Column("kl")])
    }

    assert found["Training · Batch size"] == ((64.0, 32.0), True)
    assert found["Loss: G_loss (lowest)"] == ((2.0, None), True)
    assert found["Real digits · Data set"] == (("mnist-5k", "digits"), False)
    assert "KL divergence (last)" not in found
