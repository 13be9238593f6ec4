import json
from dataclasses import replace
from itertools import product

import pytest

from pipeline.graph import document, edit
from pipeline.graph.node import Link
from pipeline.models import dcgan, resnet
from pipeline.models.build import build_network
from pipeline.models.plan import Plan
from pipeline.models.spectral import with_spectral_norm
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages import Snapshot
from pipeline.studio import forking, workflows
from pipeline.studio.forking import Beginnings, Preview

WORKFLOW = workflows.open_template("mlp-gan")
RATE = "generator_optimizer.learning_rate"
PLANS = {
    "plain": Plan((4,)).linear(8).leaky_relu(0.2).linear(2),
    "steeper": Plan((4,)).linear(8).leaky_relu(0.5).dropout(0.1).linear(2),
    "wider": Plan((4,)).linear(9).leaky_relu(0.2).linear(2),
    "no bias": Plan((4,)).linear(8, bias=False).leaky_relu(0.2).linear(2),
    "deeper": Plan((4,)).linear(8).linear(8).linear(2),
    "normalized": Plan((4,)).linear(8).batch_norm().linear(2),
    "wide in": Plan((5,)).linear(8).leaky_relu(0.2).linear(2),
    "conv": Plan((3, 8, 8)).conv2d(4, kernel=4, stride=2, padding=1).flatten(),
    "conv, another stride": Plan((3, 8, 8)).conv2d(4, kernel=4, stride=1, padding=0).flatten(),
    "conv, another kernel": Plan((3, 8, 8)).conv2d(4, kernel=3, stride=2, padding=1).flatten(),
    "conv of another size": Plan((3, 16, 16)).conv2d(4, kernel=4, stride=2, padding=1).flatten(),
    "transposed": Plan((3, 8, 8)).conv_transpose2d(4, kernel=4, stride=2, padding=1).flatten(),
    "conv, normalized": Plan((3, 8, 8)).conv2d(4, kernel=4, stride=2, padding=1).batch_norm().flatten(),
    "residual": resnet.discriminator_plan((1, 8, 8), 4),
    "residual, another pooling": resnet.discriminator_plan((1, 8, 8), 4, "sum"),
    "residual, wider inside": resnet.discriminator_plan((1, 8, 8), 5),
    "residual, conditional": resnet.discriminator_plan((1, 8, 8), 4, classes=3),
    "residual, of more classes": resnet.discriminator_plan((1, 8, 8), 4, classes=4),
    "residual, spectrally normalized": replace(resnet.discriminator_plan((1, 8, 8), 4), spectral_norm=True),
    "generator": dcgan.generator_plan(6, (1, 8, 8), 8),
    "generator with attention": dcgan.generator_plan(6, (1, 8, 8), 8, attention=4),
    "generator with attention on more channels": dcgan.generator_plan(6, (1, 8, 8), 16, attention=4),
    "generator, conditional": dcgan.generator_plan(6, (1, 8, 8), 8, classes=3),
    "generator, of more classes": dcgan.generator_plan(6, (1, 8, 8), 8, classes=4),
}


def with_settings(*settings):
    return workflows.report(edit.apply_settings(WORKFLOW, settings, NODES))


def preview(*settings):
    return forking.preview(with_settings(), with_settings(*settings))


def built(plan):
    network = build_network(plan, 0)
    return with_spectral_norm(network, 0) if plan.spectral_norm else network


def test_two_plans_share_weights_exactly_where_the_built_networks_do():
    shapes = {name: {key: each.shape for key, each in built(plan).state_dict().items()}
              for name, plan in PLANS.items()}  # fmt: skip
    for one, other in product(PLANS, PLANS):
        same = forking.weight_shapes(PLANS[one]) == forking.weight_shapes(PLANS[other])
        assert same == (shapes[one] == shapes[other]), (one, other)


def test_everything_is_carried_over_where_no_shape_changes():
    both = ("discriminator", "generator")
    settings = ["training.total_steps=7", "training.batch_size=32", "generator_optimizer.beta1=0", "generator.slope=0"]
    for each in (preview(), preview(*settings)):
        assert tuple(sorted(each.networks)) == tuple(sorted(each.optimizers)) == both and each.afresh == ()
        assert each.sentence.startswith("Carried over: ") and each.sentence.endswith(" Nothing starts afresh.")
        assert each.sentence.count("with its optimizer's state") == 2


def test_a_network_of_another_width_starts_afresh_and_the_other_is_carried_over():
    assert preview("generator.hidden=64,64") == Preview(("discriminator",), ("discriminator",), ("generator",))
    assert preview("generator.hidden=64,64").sentence == (
        "Carried over: discriminator with its optimizer's state. "
        "Starts afresh: generator, because of layers of another shape."
    )


def test_images_of_another_size_start_both_networks_afresh():
    found = preview("data.dataset=digits", "generator.image_size=8")
    assert found.networks == () and sorted(found.afresh) == ["discriminator", "generator"]
    assert found.sentence.startswith("No network is carried over. Starts afresh: ")


def test_a_network_that_is_not_trained_does_not_count():
    more, node_id = edit.add_node(WORKFLOW, "MLPGenerator", NODES)
    more = edit.connect(more, node_id, "noise", Link("noise"))
    assert workflows.report(more).ok
    assert forking.preview(with_settings(), workflows.report(more)) == preview()


def test_of_a_workflow_with_problems_nothing_is_said():
    assert preview("training.batch_size=0") is None
    assert forking.preview(with_settings(), workflows.report(edit.remove_node(WORKFLOW, "training", NODES))) is None


@pytest.fixture
def run(store, new_run):
    return new_run(workflow_text=document.write(WORKFLOW))


def rate(workflow):
    return workflow.nodes["generator_optimizer"].inputs["learning_rate"]


def test_a_fork_begins_from_the_live_values_in_force(store, run):
    seen = Snapshot(run=run.id, live={RATE: 0.01, "training.discriminator_updates": 3.0})
    workflow = forking.workflow_of(store, run, seen)
    assert rate(workflow) == 0.01
    updates = workflow.nodes["training"].inputs["discriminator_updates"]
    assert updates == 3 and isinstance(updates, int)
    assert workflows.report(workflow).ok


def saved(store, run, step, content):
    folder = store.files(run.id).checkpoint_folder(step)
    folder.mkdir(parents=True)
    (folder / "state.json").write_text(content)


def test_of_a_run_that_nobody_trains_those_of_its_last_checkpoint_are_in_force(store, run):
    saved(store, run, 100, json.dumps({"live": {RATE: 0.1}}))
    saved(store, run, 200, json.dumps({"live": {RATE: 0.05}}))
    assert rate(forking.workflow_of(store, run, Snapshot(run=run.id))) == 0.05


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"live": 3}', '{"live": {"a": "x"}}', '{"live": {"a": null}}'])
def test_a_checkpoint_that_cannot_be_read_leaves_the_workflow_as_it_was_started(store, run, content):
    saved(store, run, 100, content)
    assert forking.workflow_of(store, run, Snapshot(run=run.id)) == WORKFLOW


def test_a_run_can_be_forked_where_it_stands_and_at_each_checkpoint(store, run):
    for step in (0, 100, 200):
        saved(store, run, step, "{}")
    seen = Snapshot(run=run.id, step=230)
    assert forking.beginnings(store, seen, under_way=True) == Beginnings(230, (200, 100, 0))
    assert forking.beginnings(store, Snapshot(run=run.id, step=100), under_way=True) == Beginnings(100, (200, 0))
    assert forking.beginnings(store, seen, under_way=False) == Beginnings(200, (100, 0))


def test_a_run_that_has_saved_nothing_cannot_be_forked_once_it_is_put_away(store, run):
    assert forking.beginnings(store, Snapshot(run=run.id), under_way=False) == Beginnings(None, ())
