import json
import tempfile
from pathlib import Path

import pytest

from pipeline.engine.layers import layer_table
from pipeline.errors.training import EngineGone
from pipeline.graph import document, edit
from pipeline.graph.node import Link
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio import workflows
from pipeline.studio.run import forking
from pipeline.studio.run.forking import ForkPoints, Preview
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
    raise AssertionError("weights must not be asked for")


def carries(old, new, template="mlp-gan", node="generator"):
    """Whether a network is carried over if the settings of its node change from `old` to `new`."""
    workflow = workflows.open_template(template)
    parent, fork = (
        workflows.report(edit.apply_settings(workflow, [f"{node}.{each}" for each in settings], NODES))
        for settings in (old, new)
    )
    assert parent.problems == fork.problems == ()
    return node in forking.preview(parent, fork, weights).networks


def test_everything_is_carried_over_if_no_shape_changes():
    both = ("discriminator", "generator")
    settings = ["training.total_steps=7", "training.batch_size=32", "generator_optimizer.beta1=0", "generator.slope=0"]
    for each in (preview(), preview(*settings)):
        assert tuple(sorted(each.networks)) == tuple(sorted(each.optimizers)) == both and each.reinitialised == ()
        assert each.sentence(5).startswith("Carried over: ") and each.sentence(5).endswith(" Nothing is reinitialised.")
        assert each.sentence(5).count("with its optimizer's state") == 2


@pytest.mark.parametrize("settings", [["generator.slope=0.3"], ["training.batch_size=32"], ["samples.count=9"]])
def test_shapes_are_asked_for_only_for_networks_that_differ(settings):
    asked = []
    forking.preview(with_settings(), with_settings(*settings), lambda *of: asked.append(of[1]) or {})
    assert set(asked) == ({"generator"} if "slope" in settings[0] else set())


def test_changes_that_leave_shapes_alone_carry_the_network_over():
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
def test_another_width_layer_type_or_an_extra_layer_reinitialises_a_network(new, template, node):
    assert carries([], [], template, node) and not carries([], new, template, node)


def test_removing_spectral_normalization_reinitialises_a_network():
    before = workflows.open_template("hinge-sngan")
    after = edit.connect(before, "objective", "discriminator", Link("discriminator"))
    after = edit.connect(after, "discriminator_optimizer", "network", Link("discriminator"))
    found = forking.preview(workflows.report(before), workflows.report(after), weights)
    assert (found.networks, found.reinitialised) == (("generator",), ("discriminator",))


def test_a_plain_module_is_carried_over_if_its_weights_have_the_same_shapes(tmp_path):
    with plain_modules.loaded(tmp_path):
        one, wider = (workflows.report(plain_modules.skipping(width=width)) for width in (16, 17))
        other = workflows.report(plain_modules.skipping(width=16, fault="looks"))
        assert forking.preview(one, other, weights).reinitialised == ()
        assert forking.preview(one, wider, weights).reinitialised == ("generator",)


def test_unknown_shapes_are_not_guessed(tmp_path):
    def gone(report, node_id):
        raise EngineGone("signal 9")

    with pytest.raises(EngineGone):
        forking.preview(with_settings(), with_settings("generator.hidden=64"), gone)


def test_a_network_of_another_width_is_reinitialised_and_the_other_is_carried_over():
    assert preview("generator.hidden=64,64") == Preview(("discriminator",), ("discriminator",), ("generator",))
    assert preview("generator.hidden=64,64").sentence(5) == (
        "Carried over: discriminator with its optimizer's state. Reinitialised: generator, because layer shapes differ."
    )


def test_another_image_size_reinitialises_both_networks():
    found = preview("data.dataset=digits", "generator.image_size=8")
    assert found.networks == () and sorted(found.reinitialised) == ["discriminator", "generator"]
    assert found.sentence(5).startswith("No network is carried over. Reinitialised: ")


def test_networks_that_are_not_trained_are_ignored():
    more, node_id = edit.add_node(WORKFLOW, "MLPGenerator", NODES)
    more = edit.connect(more, node_id, "noise", Link("noise"))
    assert workflows.report(more).ok
    assert forking.preview(with_settings(), workflows.report(more), never) == preview()


def test_a_workflow_with_problems_has_no_preview():
    assert preview("training.batch_size=0") is None
    without = workflows.report(edit.remove_node(WORKFLOW, "training", NODES))
    assert forking.preview(with_settings(), without, never) is None


@pytest.fixture
def run(store, new_run):
    return new_run(workflow_text=document.write(WORKFLOW))


def rate(workflow):
    return workflow.nodes["generator_optimizer"].inputs["learning_rate"]


def test_a_fork_starts_from_the_current_live_values(store, run):
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


def test_a_run_that_is_not_loaded_has_the_live_values_of_its_last_checkpoint(store, run):
    saved(store, run, 100, json.dumps({"live": {RATE: 0.1}}))
    saved(store, run, 200, json.dumps({"live": {RATE: 0.05}}))
    assert rate(forking.workflow_of(store, run, Snapshot(run=run.id))) == 0.05


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"live": 3}', '{"live": {"a": "x"}}', '{"live": {"a": null}}'])
def test_if_the_checkpoint_cannot_be_read_the_original_workflow_is_used(store, run, content):
    saved(store, run, 100, content)
    assert forking.workflow_of(store, run, Snapshot(run=run.id)) == WORKFLOW


def test_a_run_can_be_forked_at_its_current_step_and_at_each_checkpoint(store, run):
    for step in (0, 100, 200):
        saved(store, run, step, "{}")
    seen = Snapshot(run=run.id, step=230)
    assert forking.fork_points(store, seen, under_way=True) == ForkPoints(230, (200, 100, 0))
    assert forking.fork_points(store, Snapshot(run=run.id, step=100), under_way=True) == ForkPoints(100, (200, 0))
    assert forking.fork_points(store, seen, under_way=False) == ForkPoints(200, (100, 0))


def test_an_unloaded_run_without_checkpoints_cannot_be_forked(store, run):
    assert forking.fork_points(store, Snapshot(run=run.id), under_way=False) == ForkPoints(None, ())


def test_a_network_whose_phase_is_over_is_said_to_be_never_trained():
    workflow = workflows.open_template("latent-diffusion")
    parent, wider, longer = (
        workflows.report(edit.apply_settings(workflow, settings, NODES))
        for settings in ([], ["encoder.base_channels=16"], ["network.channels=32,64"])
    )
    found = forking.preview(parent, wider, weights)
    assert found.sentence(600).endswith(
        "Encoder is never trained: that was for steps 1 to 600. Fork from an earlier step, or give that phase more "
        "steps."
    )
    assert "never" not in found.sentence(599)
    assert "never" not in forking.preview(parent, longer, weights).sentence(2000)
