"""What mends the problems of real workflows: every mend that is offered works."""

from dataclasses import replace

import pytest

from pipeline.graph import edit
from pipeline.graph.check import check
from pipeline.graph.mending import mend_of
from pipeline.graph.node import Link
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows
from pipeline.studio.workflows import open_template


def template(name, *settings):
    return edit.apply_settings(open_template(name), settings, NODES)


def mended(workflow):
    """The label and the sentence of the first problem's mend, and the report after it."""
    report = check(workflow, NODES)
    mend = mend_of(report, report.problems[0], NODES)
    return mend.label, mend.words, check(mend.change(workflow, NODES), NODES)


def value(report, node_id, name):
    return getattr(report.nodes[node_id], name)


@pytest.mark.parametrize(
    ("workflow", "sentence"),
    [
        (template("dcgan", "data.image_size=32"), "Sets Generator image size 32."),
        (template("dcgan", "data.dataset=petals", "data.image_size=0"), "Sets Generator image size 32, channels 3."),
        (template("dcgan", "generator.image_size=30"), "Sets Generator image size 28."),
        (template("dcgan", "data.image_size=30"), "Sets Real digits image size 28."),
        (template("conditional-dcgan", "generator.classes=7"), "Sets Generator classes 10."),
        (template("conditional-dcgan", "generator.classes=0"), "Sets Generator classes 10."),
        (template("dcgan", "generator.classes=1"), "Sets Generator classes 0."),
        (template("conditional-dcgan", "data.dataset=petals"), "Discriminator conditional off"),
        (template("dcgan", "discriminator.attention=8"), "Sets Discriminator self-attention at 7."),
        (template("dcgan", "generator.output=sigmoid"), "Sets Generator output tanh."),
        (template("vae", "encoder.code=point"), "Sets Encoder code distribution."),
        (template("autoencoder", "decoder.image_size=16"), "Sets Decoder image size 28."),
        (
            template("dcgan", "training.batch_size=4096", "data.dataset=digits", "generator.image_size=8"),
            "Sets Training batch size 1,024.",
        ),
    ],
)
def test_fit_it_sets_all_that_the_nodes_ask_for(workflow, sentence):
    label, does, report = mended(workflow)
    assert label == "Fit it" and sentence in does
    assert report.ok


def test_fit_it_keeps_what_others_have_changed_since():
    workflow = template("dcgan", "data.image_size=32")
    report = check(workflow, NODES)
    mend = mend_of(report, report.problems[0], NODES)
    changed = mend.change(edit.rename_node(workflow, "noise", "Latents"), NODES)
    assert changed.nodes["noise"].title == "Latents"
    assert changed.nodes["generator"].inputs["image_size"] == 32


def test_images_take_the_size_of_the_networks_if_these_cannot_take_theirs():
    workflow = edit.replace_node(
        template("dcgan", "data.image_size=30"), "discriminator", NodeData("MLPDiscriminator", {"images": ["data", 0]})
    )
    label, does, report = mended(workflow)
    assert (label, does) == ("Fit it", "Sets Real digits image size 28.") and report.ok


def test_nodes_are_made_to_fit_beside_a_node_of_an_unknown_type():
    workflow = template("dcgan", "data.image_size=32")
    workflow = replace(workflow, nodes={**workflow.nodes, "other": NodeData("KSampler", {})})
    report = check(workflow, NODES)
    mends = [mend_of(report, problem, NODES) for problem in report.problems]
    assert [mend and mend.words for mend in mends] == ["Sets Generator image size 32.", None]


def test_a_missing_wire_is_connected_if_one_node_fits():
    open_wire = edit.disconnect(template("dcgan"), "generator", "noise")
    assert mended(open_wire)[:2] == ("Connect", "Connects noise to Noise.")
    assert mended(open_wire)[2].ok
    # Of the two optimizers only one updates the generator.
    label, does, report = mended(edit.disconnect(template("dcgan"), "training", "generator_optimizer"))
    assert (label, does) == ("Connect", "Connects generator optimizer to Generator Adam.") and report.ok


def test_a_missing_wire_with_two_candidates_is_left_to_people():
    workflow, _ = edit.add_node(edit.disconnect(template("dcgan"), "generator", "noise"), "GaussianNoise", NODES)
    report = check(workflow, NODES)
    assert [mend_of(report, problem, NODES) for problem in report.problems] == [None]


def test_a_wire_from_a_node_of_another_type_or_from_none_is_connected_too():
    for source in (Link("data"), Link("noise", 3)):
        label, _, report = mended(edit.connect(template("dcgan"), "generator", "noise", source))
        assert label == "Connect" and report.ok


def test_one_optimizer_for_two_networks_gets_the_other_or_a_copy():
    shared = edit.connect(template("dcgan"), "training", "generator_optimizer", Link("discriminator_optimizer"))
    assert mended(shared)[:2] == ("Connect", "Connects generator optimizer to Generator Adam.")

    alone = edit.remove_node(shared, "generator_optimizer", NODES)
    alone, schedule = edit.insert_node(alone, "LearningRateSchedule", "discriminator_optimizer", NODES)
    label, does, report = mended(alone)
    assert (label, does) == ("Add another Adam", "Adds a copy of it for Generator.") and report.ok
    source = value(report, "training", "generator_optimizer").node
    assert source != schedule and value(report, "training", "discriminator_optimizer").node == schedule
    (copied,) = report.ports[source]
    assert copied.network is report.ports["generator"][0] and copied.schedule is not None


@pytest.mark.parametrize(
    ("setting", "label", "expected"),
    [
        ("training.batch_size=1", "Set to 2", 2),
        ("training.batch_size=5000", "Set to 4,096", 4096),
        ("training.precision=fp8", "Reset it", "fp32"),
        ("training.device=gpu", "Reset it", "auto"),
    ],
)
def test_an_invalid_value_becomes_the_nearest_or_the_default(setting, label, expected):
    workflow = template("dcgan", setting)
    report = check(workflow, NODES)
    mend = mend_of(report, report.problems[0], NODES)
    after = mend.change(workflow, NODES)
    name = setting.partition("=")[0].partition(".")[2]
    assert mend.label == label
    assert after.nodes["training"].inputs.get(name, expected) == expected


def test_an_unknown_input_is_removed_and_a_circle_disconnected():
    dcgan = template("dcgan")
    node = dcgan.nodes["noise"]
    unknown = edit.replace_node(dcgan, "noise", NodeData(node.class_type, {**node.inputs, "size": 3}, node.title))
    label, _, report = mended(unknown)
    assert label == "Remove it" and report.ok

    looped, first = edit.insert_node(dcgan, "Augment", "data", NODES)
    looped, second = edit.insert_node(looped, "Augment", first, NODES)
    label, _, report = mended(edit.connect(looped, first, "images", Link(second)))
    assert label == "Disconnect" and "cycle" not in [problem.type for problem in report.problems]


def test_a_node_that_does_not_belong_where_it_is_stacked_is_removed():
    smoothed, _ = edit.insert_node(template("wgan-gp"), "LabelSmoothing", "gradient_penalty", NODES)
    assert mended(smoothed)[:2] == ("Remove it", "Removes Label smoothing.") and mended(smoothed)[2].ok
    # A node that is not wired and that nothing uses.
    unused, _ = edit.add_node(template("dcgan"), "SampleGrid", NODES)
    assert mend_of(check(unused, NODES), check(unused, NODES).problems[0], NODES) is None
    unused, _ = edit.add_node(template("dcgan"), "DCGANDiscriminator", NODES)
    assert mended(unused)[0] == "Connect"


def test_two_training_nodes_and_an_empty_workflow_have_no_mend():
    twice, _ = edit.add_node(template("dcgan"), "GANTraining", NODES)
    for workflow in (twice, Workflow("", {})):
        report = check(workflow, NODES)
        assert mend_of(report, report.problems[0], NODES) is None


def test_mends_are_listed_in_the_order_of_the_problems():
    broken = template("dcgan", "generator.image_size=30", "training.batch_size=1")
    problems, mends = workflows.report(broken).problems, workflows.mends(broken)
    assert [problem.node for problem in problems] == ["generator", "training"]
    assert [mend.label for mend in mends] == ["Fit it", "Set to 2"]
