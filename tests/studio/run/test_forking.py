import json
import tempfile
from pathlib import Path

import pytest

from pipeline.engine.layers import layer_table
from pipeline.errors.training import EngineGone
from pipeline.graph import document, edit
from pipeline.graph.node import Link
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages import Snapshot
from pipeline.studio import workflows
from pipeline.studio.run import forking
from pipeline.studio.run.forking import Beginnings, Preview
from tests.nodes import plain_modules

WORKFLOW = workflows.open_template("mlp-gan")
RATE = "generator_optimizer.learning_rate"


def with_settings(*settings):
    return workflows.report(edit.apply_settings(WORKFLOW, settings, NODES))


def weights(report, node_id):
    """The shapes of a built network's weights, without an engine process."""
    with tempfile.TemporaryDirectory() as home:
        return layer_table(Path(home), report, node_id).weights


def preview(*settings):
    return forking.preview(with_settings(), with_settings(*settings), weights)


def never(report, node_id):
    raise AssertionError("nothing has to be asked")


def carries(old, new, template="mlp-gan", node="generator"):
    """Whether a network is carried over from these settings of its node to those."""
    workflow = workflows.open_template(template)
    parent, fork = (
        workflows.report(edit.apply_settings(workflow, [f"{node}.{each}" for each in settings], NODES))
        for settings in (old, new)
    )
    assert parent.problems == fork.problems == ()
    return node in forking.preview(parent, fork, weights).networks


def test_everything_is_carried_over_where_no_shape_changes():
    both = ("discriminator", "generator")
    settings = ["training.total_steps=7", "training.batch_size=32", "generator_optimizer.beta1=0", "generator.slope=0"]
    for each in (preview(), preview(*settings)):
        assert tuple(sorted(each.networks)) == tuple(sorted(each.optimizers)) == both and each.afresh == ()
        assert each.sentence.startswith("Carried over: ") and each.sentence.endswith(" Nothing starts afresh.")
        assert each.sentence.count("with its optimizer's state") == 2


@pytest.mark.parametrize("settings", [["generator.slope=0.3"], ["training.batch_size=32"], ["samples.count=9"]])
def test_of_networks_that_are_the_same_in_both_nothing_has_to_be_asked(settings):
    asked = []
    forking.preview(with_settings(), with_settings(*settings), lambda *of: asked.append(of[1]) or {})
    assert set(asked) == ({"generator"} if "slope" in settings[0] else set())


def test_what_is_not_a_matter_of_shapes_is_carried_over():
    assert carries(["slope=0.2"], ["slope=0.5"])
    assert carries(["dropout=0.3"], ["dropout=0"], node="discriminator")


@pytest.mark.parametrize(
    ("new", "template", "node"),
    [
        (["hidden=64,64"], "mlp-gan", "generator"),
        (["hidden=128"], "mlp-gan", "discriminator"),
        (["base_channels=16"], "dcgan", "generator"),
        (["normalization=none"], "dcgan", "discriminator"),
        (["attention=7"], "dcgan", "generator"),
    ],
)
def test_another_width_another_kind_of_layer_or_a_further_one_starts_a_network_afresh(new, template, node):
    assert carries([], [], template, node) and not carries([], new, template, node)


def test_a_network_whose_weights_are_normalized_from_now_on_starts_afresh():
    before = workflows.open_template("hinge-sngan")
    after = edit.connect(before, "objective", "discriminator", Link("discriminator"))
    after = edit.connect(after, "discriminator_optimizer", "network", Link("discriminator"))
    found = forking.preview(workflows.report(before), workflows.report(after), weights)
    assert (found.networks, found.afresh) == (("generator",), ("discriminator",))


def test_a_plain_module_is_carried_over_where_its_weights_have_the_same_shapes(tmp_path):
    with plain_modules.loaded(tmp_path):
        one, wider = (workflows.report(plain_modules.skipping(width=width)) for width in (16, 17))
        other = workflows.report(plain_modules.skipping(width=16, fault="looks"))
        assert forking.preview(one, other, weights).afresh == ()
        assert forking.preview(one, wider, weights).afresh == ("generator",)


def test_what_nobody_can_tell_is_not_guessed(tmp_path):
    def gone(report, node_id):
        raise EngineGone("signal 9")

    with pytest.raises(EngineGone):
        forking.preview(with_settings(), with_settings("generator.hidden=64"), gone)


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
    assert forking.preview(with_settings(), workflows.report(more), never) == preview()


def test_of_a_workflow_with_problems_nothing_is_said():
    assert preview("training.batch_size=0") is None
    without = workflows.report(edit.remove_node(WORKFLOW, "training", NODES))
    assert forking.preview(with_settings(), without, never) is None


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
