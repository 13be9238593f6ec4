"""Hints on a run in a real store, with the parameters of its workflow to change."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors.runs import UnknownRun
from pipeline.families.adversarial.family import ADVERSARIAL
from pipeline.graph import document, edit
from pipeline.graph.node import Link
from pipeline.graph.workflow import NodeData
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.training.training_node import GANTraining
from pipeline.runs import metrics, point_series
from pipeline.studio import health, workflows
from pipeline.studio.health import SuggestedParameter

USUAL = {"D_loss": 0.6, "G_loss": 2.0, "D_real": 0.78, "D_fake": 0.22, "D_grad_norm": 13.0, "G_grad_norm": 6.0}
COLLAPSED = {"diversity": 0.03125}
WINNING = {"D_real": 0.99, "D_fake": 0.0125}


@pytest.fixture
def recorded(store, new_run):
    """`recorded(workflow, steps, **series)`: a run of `workflow` with `steps` steps, healthy except for `series`."""

    def make(workflow, steps=600, first=1, **series):
        run = new_run(workflow_text=document.write(workflow))
        values = {name: np.broadcast_to(np.float32(each), (steps,)) for name, each in (USUAL | series).items()}
        metrics.append(store, run.id, first, list(values), np.stack(list(values.values()), axis=1))
        store.update(run.id, step=first + steps - 1)
        return store.run(run.id)

    return make


def checkups(steps, every, value):
    """A value that changes slightly at every checkup, as a new measurement does."""
    return value + 1e-4 * (np.arange(1, steps + 1) // every % 2)


def codes(store, record):
    return [hint.code for hint in health.hints(store, record)]


def suggestions(store, record):
    return {f"{lever.node}.{lever.parameter}" for hint in health.hints(store, record) for lever in hint.suggestions}


@pytest.mark.parametrize("template", ["dcgan", "mlp-gan", "wgan-gp"])
def test_a_healthy_run_has_no_hints_and_says_how_many_steps_were_judged(store, recorded, template):
    record = recorded(workflows.open_template(template))
    assert health.hints(store, record) == ()
    assert health.steps_judged(record) == 600


def test_a_run_with_few_or_no_steps_is_not_judged(store, new_run, recorded):
    assert (health.hints(store, new_run()), health.steps_judged(new_run())) == ((), 0)
    record = recorded(workflows.open_template("dcgan"), 299, **WINNING)
    assert (health.hints(store, record), health.steps_judged(record)) == ((), 0)
    assert (health.first_judged(record), health.steps_judged(record, 300)) == (300, 300)


def test_a_hint_names_the_numbers_and_the_parameters_of_the_runs_own_workflow(store, recorded):
    (hint,) = health.hints(store, recorded(workflows.open_template("mlp-gan"), **WINNING))
    assert (hint.code, hint.severity) == ("discriminator-wins", "warning")
    assert "0.99" in hint.text and "0.0125" in hint.text
    assert hint.suggestions == (
        SuggestedParameter(
            "discriminator_optimizer", "Discriminator Adam", "learning_rate", "Learning rate", live=True
        ),
        SuggestedParameter("training", "Training", "discriminator_updates", "Discriminator updates", live=True),
        SuggestedParameter("discriminator", "Discriminator", "dropout", "Dropout", live=False),
        SuggestedParameter("generator_optimizer", "Generator Adam", "learning_rate", "Learning rate", live=True),
    )


def test_parameters_that_the_workflow_lacks_are_left_out(store, recorded):
    dcgan = recorded(workflows.open_template("dcgan"), **WINNING)
    assert "discriminator.dropout" not in suggestions(store, dcgan)
    wasserstein = workflows.open_template("wgan-gp")
    collapsed = recorded(wasserstein, diversity=checkups(600, 50, 0.03))
    assert "gradient_penalty.penalty_weight" in suggestions(store, collapsed)
    plain = recorded(workflows.open_template("dcgan"), diversity=checkups(600, 50, 0.03))
    assert not any(lever.endswith("penalty_weight") for lever in suggestions(store, plain))


def test_a_scheduled_optimizer_is_still_suggested(store, recorded):
    workflow = workflows.open_template("mlp-gan")
    schedule = NodeData("LearningRateSchedule", {"optimizer": ["discriminator_optimizer", 0]}, "Schedule")
    workflow = replace(workflow, nodes={**workflow.nodes, "schedule": schedule})
    workflow = edit.connect(workflow, "training", "discriminator_optimizer", Link("schedule"))
    found = suggestions(store, recorded(workflow, **WINNING))
    assert "discriminator_optimizer.learning_rate" in found
    assert "generator_optimizer.learning_rate" in found


def test_curves_are_judged_by_the_meaning_of_the_objectives_scores(store, recorded):
    assert codes(store, recorded(workflows.open_template("dcgan"), **WINNING)) == ["discriminator-wins"]
    assert codes(store, recorded(workflows.open_template("wgan-gp"), **WINNING)) == []


def test_an_unused_optimizer_is_not_suggested(store, recorded):
    workflow = workflows.open_template("dcgan")
    stray = NodeData("Adam", {"network": ["discriminator", 0]}, "Stray")
    workflow = replace(workflow, nodes={**workflow.nodes, "stray": stray})
    (hint,) = health.hints(store, recorded(workflow, **WINNING))
    assert {lever.node for lever in hint.suggestions} == {"discriminator_optimizer", "generator_optimizer", "training"}


def test_a_workflow_with_an_unknown_node_is_judged_without_levers_and_scores(store, recorded):
    workflow = workflows.open_template("dcgan")
    nodes = {**workflow.nodes, "objective": replace(workflow.nodes["objective"], class_type="SomethingNew")}
    record = recorded(replace(workflow, nodes=nodes), G_grad_norm=1e-6, **WINNING)
    (hint,) = health.hints(store, record)
    assert (hint.code, hint.suggestions) == ("vanishing-generator-gradient", ())


def test_only_the_last_steps_are_judged(store, recorded):
    workflow = workflows.open_template("dcgan")
    steps = np.arange(5000)
    broken_before = np.where((steps > 10) & (steps < 3900), np.nan, 2.0)
    record = recorded(workflow, 5000, G_loss=broken_before, D_real=np.where(steps < 4700, 0.5, 0.99), D_fake=0.01)
    assert codes(store, record) == ["discriminator-wins"]
    assert health.steps_judged(record) == 1000
    assert codes(store, replace(record, step=4650)) == []


def test_with_rare_checkups_more_steps_are_judged(store, recorded):
    workflow = edit.apply_settings(workflows.open_template("dcgan"), ["samples.every=500"], NODES)
    record = recorded(workflow, 6000, diversity=checkups(6000, 500, 0.03))
    assert codes(store, record) == ["mode-collapse"]
    assert health.steps_judged(record) == 6000


def test_equal_measurements_are_as_many_checkups_as_were_made(store, recorded):
    record = recorded(workflows.open_template("dcgan"))
    for step in range(0, 601, 50):
        point_series.record(store, record.id, step, COLLAPSED)
    (hint,) = health.hints(store, record)
    assert hint.code == "mode-collapse" and hint.text.startswith("At the last 4 checkups")


def test_a_fork_is_judged_by_its_own_steps(store, new_run, recorded):
    workflow = workflows.open_template("dcgan")
    parent = recorded(workflow, 2000)
    fork = new_run(workflow_text=document.write(workflow), parent=parent.id, parent_step=2000)
    assert (health.hints(store, fork), health.steps_judged(fork), health.first_judged(fork)) == ((), 0, 2200)
    record = replace(recorded(workflow, 250, first=2001, **WINNING), parent=parent.id, parent_step=2000)
    assert (codes(store, record), health.steps_judged(record)) == (["discriminator-wins"], 250)


@pytest.fixture
def declare(monkeypatch):
    """`declare(rules)`: replace the hint rules of the adversarial family."""

    def make(rules):
        # Cached reports still hold the unpatched family.
        workflows.checked_as_recorded.cache_clear()
        monkeypatch.setattr(GANTraining, "family", replace(ADVERSARIAL, rules=rules))

    yield make
    workflows.checked_as_recorded.cache_clear()


def test_a_rule_that_fails_is_reported_as_a_hint_among_the_others(store, recorded, declare):
    def own_rule(history):
        raise LookupError(history.trained[0])

    declare((own_rule, *ADVERSARIAL.health_rules))
    wins, failed = health.hints(store, recorded(workflows.open_template("dcgan"), **WINNING))
    assert wins.code == "discriminator-wins" and len(wins.suggestions) == 3
    assert (failed.code, failed.severity, failed.suggestions) == ("rule-failed", "info", ())
    assert "own_rule could not judge this run, since it raised LookupError: D_loss." in failed.text


def test_a_family_without_its_own_rules_is_judged_by_the_general_ones(store, recorded, declare):
    declare(None)
    record = recorded(workflows.open_template("dcgan"), G_grad_norm=1e6, **WINNING)
    assert codes(store, record) == ["exploding-generator-gradients"]
    assert suggestions(store, record) == {"generator_optimizer.learning_rate", "generator_optimizer.clip_norm"}


def test_a_nan_loss_is_reported_even_if_a_node_of_the_workflow_is_unknown(store, recorded):
    workflow = workflows.open_template("dcgan")
    nodes = {**workflow.nodes, "objective": replace(workflow.nodes["objective"], class_type="SomethingNew")}
    broken = np.where(np.arange(600) < 590, 2.0, np.nan)
    assert codes(store, recorded(replace(workflow, nodes=nodes), G_loss=broken)) == ["not-finite"]


def test_a_run_with_an_unknown_training_node_is_not_judged(store, recorded):
    workflow = workflows.open_template("dcgan")
    nodes = {**workflow.nodes, "training": replace(workflow.nodes["training"], class_type="SomethingNew")}
    assert codes(store, recorded(replace(workflow, nodes=nodes), **WINNING)) == []


def test_hints_for_an_unknown_run_are_refused(store, new_run):
    with pytest.raises(UnknownRun):
        health.hints(store, replace(new_run(), id="20200101-000000-00000000"))


def test_schedules_that_have_ended_are_a_hint_with_the_parameters_that_let_training_go_on(store, recorded):
    workflow = workflows.open_template("dcgan")
    for role in ("generator", "discriminator"):
        workflow, _ = edit.insert_node(workflow, "LearningRateSchedule", f"{role}_optimizer", NODES)
    rates = np.append(np.linspace(1e-3, 0, 20), np.zeros(20))
    record = recorded(workflow, 40, G_learning_rate=rates, D_learning_rate=rates)
    assert codes(store, record) == ["learning-rate-zero"]
    assert "learning_rate_schedule.end_factor" in suggestions(store, record)
    assert all(lever.live for hint in health.hints(store, record) for lever in hint.suggestions)


def test_a_run_with_phases_has_no_hint_on_their_gaps_and_its_losses_are_those_of_all_phases(store, new_run):
    workflow = workflows.open_template("latent-diffusion")
    run = new_run(workflow_text=document.write(workflow))
    first = np.arange(1, 1201) <= workflow.nodes["training"].inputs["autoencoder_steps"]
    noise = np.random.default_rng(0).uniform(0.9, 1.1, (1200, 1))
    of_phases = (({"loss": 90.0, "reconstruction": 80.0, "kl": 20.0, "grad_norm": 40.0}, first),
                 ({"denoising_loss": 0.6, "denoiser_grad_norm": 0.5}, ~first))  # fmt: skip
    columns = {name: np.where(own, level, np.nan) for usual, own in of_phases for name, level in usual.items()}
    metrics.append(store, run.id, 1, list(columns), np.float32(np.stack(list(columns.values()), axis=1) * noise))
    store.update(run.id, step=1200)
    assert health.hints(store, store.run(run.id)) == ()
    _, history = health.recorded_history(store, store.run(run.id), 1200, 1000)
    assert history.losses == ("loss", "denoising_loss") and history.facts.phase_begun == 600
    _, before = health.recorded_history(store, store.run(run.id), 600, 600)
    assert before.facts.phase_begun == 0
