"""Pages name nodes and parameters by title, and tell two of the same title apart."""

import json
from dataclasses import replace

import pytest

from pipeline.graph import document, edit
from pipeline.studio import workflows
from pipeline.studio.run import history, titles


@pytest.fixture
def workflow_text():
    """dcgan with the titles of its node types, as a workflow from elsewhere has them."""
    workflow = workflows.open_template("dcgan")
    for node_id in workflow.nodes:
        workflow = edit.rename_node(workflow, node_id, "")
    return document.write(workflow)


@pytest.fixture
def run(new_run, workflow_text):
    return new_run(workflow_text=workflow_text)


def test_two_optimizers_of_one_title_say_which_network_they_train(workflow_text):
    found = titles.node_titles(workflow_text)
    assert found["generator_optimizer"] == "Adam (generator)"
    assert found["discriminator_optimizer"] == "Adam (discriminator)"
    assert found["training"] == "GAN training"


def test_other_nodes_of_one_title_say_their_id():
    workflow = workflows.open_template("dcgan")
    twice = replace(workflow, nodes={**workflow.nodes, "noise_2": workflow.nodes["noise"]})
    found = titles.node_titles(document.write(twice))
    assert (found["noise"], found["noise_2"]) == ("Noise (noise)", "Noise (noise_2)")


def test_a_parameter_is_named_by_title_and_label(run):
    assert titles.parameter_title(run, "generator_optimizer.learning_rate") == "Adam (generator) · Learning rate"
    assert titles.parameter_title(run, "nosuch.learning_rate") == "nosuch.learning_rate"
    assert titles.parameter_title(run, "training.nosuch") == "training.nosuch"
    assert (titles.node_title(run, "noise"), titles.node_title(run, "nosuch")) == ("Gaussian noise", "nosuch")


@pytest.mark.parametrize("data", [{"parameter": "generator_optimizer.learning_rate", "from": 2e-4, "to": 3e-3}, None])
def test_events_are_told_by_title_also_those_of_older_runs(store, run, data):
    text = "generator_optimizer.learning_rate changed from 0.0002 to 0.003"
    store.add_event(run.id, 7, "parameter changed", text, "Ada", data)
    store.add_event(run.id, 8, "paused", "Paused at step 8", "Ada")
    assert history.event_table(store, run.id)["What"].to_pylist() == [
        "Paused at step 8",
        "Adam (generator) · Learning rate changed from 0.0002 to 0.003",
    ]


def test_a_workflow_that_cannot_be_read_leaves_the_ids(store, new_run):
    run = new_run(workflow_text=json.dumps({"prompt": 1}))
    data = {"parameter": "a.b", "from": 1, "to": 2}
    store.add_event(run.id, 1, "parameter changed", "a.b changed from 1 to 2", "", data)
    assert history.event_table(store, run.id)["What"].to_pylist() == ["a.b changed from 1 to 2"]


def test_a_change_says_which_it_replaces_and_a_resume_names_what_it_makes_again(store, run):
    key = "generator_optimizer.learning_rate"
    data = {"parameter": key, "from": 1, "to": 2, "instead_of": [18, 1900]}
    store.add_event(run.id, 7, "parameter changed", "", "Ada", data)
    changes = [{"step": 8, "action": key, "value": 2.0, "who": ""}]
    store.add_event(run.id, 7, "resumed", f"Made again: {key} to 2 at step 8", "Ada", {"changes": changes})
    assert history.event_table(store, run.id)["What"].to_pylist() == [
        "Made again: Adam (generator) · Learning rate to 2 at step 8",
        "Adam (generator) · Learning rate changed from 1 to 2, instead of the changes made before at step 18 and "
        "step 1,900",
    ]
