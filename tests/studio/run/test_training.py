"""Which parameters may change while a run goes on; what an engine makes of commands is tested with the engine."""

import json

from pipeline.graph import document
from pipeline.studio import workflows
from pipeline.studio.run import training


def keys(workflow):
    return [live.key for live in training.live_parameters(document.write(workflow))]


def test_the_live_parameters_of_a_workflow_are_listed_node_by_node():
    assert keys(workflows.open_template("wgan-gp")) == [
        "gradient_penalty.penalty_weight",
        *(
            f"{role}_optimizer.{name}"
            for role in ("generator", "discriminator")
            for name in ("learning_rate", "clip_norm", "beta1", "beta2")
        ),
        "training.discriminator_updates",
    ]


def test_each_has_the_title_of_its_node_and_the_form_of_its_parameter():
    live = training.live_parameters(document.write(workflows.open_template("dcgan")))
    rate = next(each for each in live if each.key == "generator_optimizer.learning_rate")
    assert rate.node_title == "Generator Adam"
    assert (rate.parameter.label, rate.parameter.live, rate.parameter.maximum) == ("Learning rate", True, 1)


def test_a_node_that_this_version_does_not_know_has_none():
    unknown = {"a": {"class_type": "SomethingNew", "inputs": {}}}
    assert training.live_parameters(json.dumps({"format_version": 1, "name": "x", "prompt": unknown})) == ()
