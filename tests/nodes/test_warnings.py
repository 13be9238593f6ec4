"""Combinations that are allowed but known to be bad: each is a warning, and its mend takes it away."""

import pytest

from pipeline.graph import edit
from pipeline.graph.check import check
from pipeline.graph.node import Link
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import ORDER, open_template


def changed(name, *words):
    """A template with these nodes stacked on its objective, then with these settings."""
    workflow = open_template(name)
    for kind in (word for word in words if "=" not in word):
        after = "discriminator" if kind == "SpectralNorm" else "objective"
        workflow, _ = edit.insert_node(workflow, kind, after, NODES)
    return edit.apply_settings(workflow, [word for word in words if "=" in word], NODES)


def unstacked(name, node_id):
    return edit.remove_node(open_template(name), node_id, NODES)


@pytest.mark.parametrize("name", ORDER)
def test_templates_have_no_bad_combination(name):
    assert check(open_template(name), NODES).doubts == ()


CASES = {
    "a penalty of weight 0": (
        changed("wgan-gp", "gradient_penalty.penalty_weight=0"),
        ("gradient_penalty", "Weight is 0: this node does nothing.", "Set weight to 10"),
    ),
    "a weight penalty of weight 0": (
        changed("dcgan", "WeightPenalty", "weight_penalty.penalty_weight=0"),
        ("weight_penalty", "does nothing", "Set weight to 0.0001"),
    ),
    "label smoothing of 0": (
        changed("dcgan", "LabelSmoothing", "label_smoothing.share=0"),
        ("label_smoothing", "Share is 0", "Set share to 0.1"),
    ),
    "instance noise of 0": (
        changed("dcgan", "InstanceNoise", "instance_noise.deviation=0"),
        ("instance_noise", "Deviation is 0", "Set deviation to 0.1"),
    ),
    "augmentation that never happens": (
        changed("dcgan", "DiffAugment", "diff_augment.probability=0"),
        ("diff_augment", "Probability is 0", "Set probability to 1"),
    ),
    "a Wasserstein loss without constraint": (
        unstacked("wgan-gp", "gradient_penalty"),
        ("objective", "Nothing keeps the critic Lipschitz", "Insert a gradient penalty"),
    ),
    "a relativistic loss without penalty": (
        unstacked("r3gan", "penalty"),
        ("objective", "No gradient penalty", "Insert the R1 + R2 penalty"),
    ),
    "spectral norm over batch norm": (
        changed("dcgan", "SpectralNorm"),
        ("spectral_norm", "Spectral norm over batch normalization", "Remove batch norm"),
    ),
    "clipped weights with momentum": (
        changed("dcgan", "WeightClipping"),
        ("discriminator_optimizer", "Momentum with clipped weights", "Set beta1 to 0"),
    ),
    "an average longer than the run": (
        changed("dcgan", "training.total_steps=50", "training.batch_size=64", "samples.every=50"),
        ("training", "the run trains on 3,200", "Set half-life to 300"),
    ),
    "grids further apart than the run is long": (
        changed("dcgan", "samples.every=5000", "training.total_steps=3000"),
        ("samples", "No grid is drawn on the way", "Set every to 300"),
    ),
    "a KL term without weight": (
        changed("vae", "objective.beta=0"),
        ("objective", "random codes decode to no image", "Set beta to 1"),
    ),
    "a warm-up of the KL term longer than the run": (
        changed("vae", "objective.kl_warmup_steps=9000", "training.total_steps=4000"),
        ("objective", "it never reaches beta", "Set KL warm-up steps to 1,000"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_combination_is_a_warning_and_its_mend_takes_it_away(case):
    workflow, (node, words, label) = CASES[case]
    report = check(workflow, NODES)
    (warning,) = report.doubts
    assert report.ok and warning.node == node and words in warning.message
    assert warning.mend.label == label
    assert warning.message not in [each.message for each in mended(workflow, warning).doubts]


def mended(workflow, warning):
    report = check(warning.mend.change(workflow, NODES), NODES)
    assert report.ok
    return report


@pytest.mark.parametrize(
    "workflow",
    [
        changed("wgan-gp"),
        edit.insert_node(unstacked("wgan-gp", "gradient_penalty"), "SpectralNorm", "discriminator", NODES)[0],
        edit.apply_settings(
            edit.insert_node(unstacked("wgan-gp", "gradient_penalty"), "WeightClipping", "objective", NODES)[0],
            ["discriminator_optimizer.beta1=0"],
            NODES,
        ),
        changed("dcgan", "training.total_steps=50", "samples.every=50", "training.ema_rampup=0.05"),
        changed("dcgan", "training.total_steps=50", "samples.every=50", "training.ema_halflife_images=0"),
        changed("dcgan", "DiffAugment", "diff_augment.probability=0", "diff_augment.adaptive=true"),
    ],
)
def test_what_is_constrained_or_turned_off_on_purpose_is_no_warning(workflow):
    report = check(workflow, NODES)
    assert report.ok and report.doubts == ()


def test_a_node_that_leads_nowhere_can_be_removed_with_those_that_only_it_needs():
    workflow, noise = edit.add_node(open_template("dcgan"), "GaussianNoise", NODES)
    (warning,) = check(workflow, NODES).doubts
    assert (warning.node, warning.mend.label) == (noise, "Remove it") and "leads nowhere" in warning.message
    assert warning.mend.change(workflow, NODES) == open_template("dcgan")

    longer, generator = edit.add_node(workflow, "DCGANGenerator", NODES)
    longer = edit.connect(longer, generator, "noise", Link(noise))
    (warning,) = check(longer, NODES).doubts
    assert (warning.node, warning.mend.label) == (generator, "Remove these 2 nodes")
    assert warning.mend.does == "Removes Gaussian noise with it, which nothing else uses."
    assert warning.mend.change(longer, NODES) == open_template("dcgan")

    shared, second = edit.add_node(longer, "MLPGenerator", NODES)
    shared = edit.connect(shared, second, "noise", Link(noise))
    first, other = check(shared, NODES).doubts
    assert (first.mend.label, other.mend.label) == ("Remove it", "Remove it")


def test_while_the_training_is_not_wired_nothing_is_said_to_lead_nowhere():
    open_wire = edit.disconnect(open_template("dcgan"), "training", "generator_optimizer")
    assert check(open_wire, NODES).doubts == ()
    unfinished, adam = edit.add_node(open_template("dcgan"), "Adam", NODES)
    report = check(unfinished, NODES)
    assert [problem.node for problem in report.problems] == [adam] and report.doubts == ()
