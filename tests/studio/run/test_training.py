"""The live parameters of a workflow. Commands are tested with the engine."""

import json

from pipeline.graph import document
from pipeline.studio import workflows
from pipeline.studio.run import training


def keys(workflow):
    return [live.key for live in training.live_parameters(document.write(workflow))]


def test_live_parameters_are_listed_in_node_order():
    assert keys(workflows.open_template("wgan-gp")) == [
        "gradient_penalty.penalty_weight",
        *(
            f"{role}_optimizer.{name}"
            for role in ("generator", "discriminator")
            for name in ("learning_rate", "clip_norm", "beta1", "beta2")
        ),
        "training.discriminator_updates",
    ]


def test_a_live_parameter_has_its_nodes_title_and_its_form():
    live = training.live_parameters(document.write(workflows.open_template("dcgan")))
    rate = next(each for each in live if each.key == "generator_optimizer.learning_rate")
    assert rate.node_title == "Generator Adam"
    assert (rate.parameter.label, rate.parameter.live, rate.parameter.maximum) == ("Learning rate", True, 1)


def test_an_unknown_node_has_no_live_parameters():
    unknown = {"a": {"class_type": "SomethingNew", "inputs": {}}}
    assert training.live_parameters(json.dumps({"format_version": 1, "name": "x", "prompt": unknown})) == ()
