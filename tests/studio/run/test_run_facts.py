"""What hints know about a run besides its curves."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.data.findings import Findings
from pipeline.graph import document, edit
from pipeline.health.facts import LiveChange, PenalisedBatchNorm
from pipeline.nodes.catalogue import NODES
from pipeline.runs import metrics
from pipeline.runs.deletion import delete_runs
from pipeline.studio import workflows
from pipeline.studio.run.run_facts import run_facts

LOSSES = ("D_loss", "G_loss")


@pytest.fixture
def facts(store, new_run):
    """`facts(workflow, step=100)`: the facts of a new run of it. `data`: its record of the images."""

    def make(workflow, step=100, before=lambda run: None, **fields):
        run = new_run(workflow_text=document.write(workflow), **fields)
        before(run)
        record = store.run(run.id)
        return run_facts(store, record, workflows.of_run(record.workflow_text, record.data_text), step, LOSSES)

    return make


def test_the_plan_and_the_sizes_of_the_networks_come_from_the_workflow(facts):
    found = facts(workflows.open_template("dcgan"), total_steps=1234)
    assert found.total_steps == 1234 and found.fork is None and found.changes == ()
    assert set(found.weights) == {"generator", "discriminator"} and min(found.weights.values()) > 1000


def test_the_half_life_of_the_average_is_told_in_steps_unless_it_is_ramped_up(facts):
    def of(rampup):
        settings = ["training.batch_size=50", "training.ema_halflife_images=10000", f"training.ema_rampup={rampup}"]
        return facts(edit.apply_settings(workflows.open_template("dcgan"), settings, NODES)).average_halflife

    assert (of(0.0), of(0.05)) == (200.0, 0.0)


def test_live_changes_up_to_the_step_are_told_in_words(facts, store):
    def change(run):
        for step, key, after in ((50, "generator_optimizer.learning_rate", 0.01), (150, "training.other", 2.0)):
            data = {"parameter": key, "from": 0.0002, "to": after}
            store.add_event(run.id, step, "parameter changed", "…", "Ada", data)
        store.add_event(run.id, 60, "saved", "Checkpoint saved at step 60", "Ada")
        store.add_event(run.id, 70, "parameter changed", "without data", "")

    (found,) = facts(workflows.open_template("dcgan"), before=change).changes
    what = "Generator Adam · Learning rate"
    assert found == LiveChange(50, what, 0.0002, 0.01, "Ada", "generator optimizer", "learning_rate")


def test_the_images_are_those_that_were_read(facts):
    findings = Findings(1500, 100, warnings=("Most images were left out.",))
    data = {"images": "data", "sources": {"data": {"findings": findings.as_dict(), "port": None}}}
    found = facts(workflows.open_template("dcgan"), data=data)
    assert (found.train_images, found.data_warnings) == (1500, ("Most images were left out.",))


def penalised(normalization):
    workflow, penalty = edit.insert_node(workflows.open_template("dcgan"), "R1R2Penalty", "objective", NODES)
    settings = [f"discriminator.normalization={normalization}", f"{penalty}.penalty_weight=10"]
    return edit.apply_settings(workflow, settings, NODES), penalty


def test_a_penalty_over_batch_normalization_is_told_with_its_current_weight(facts, store):
    workflow, penalty = penalised("batch")

    def turn_off(run):
        data = {"parameter": f"{penalty}.penalty_weight", "from": 10.0, "to": 0.0}
        store.add_event(run.id, 50, "parameter changed", "…", "Ada", data)

    (found,) = facts(workflow).penalised
    assert isinstance(found, PenalisedBatchNorm) and found.weight == 10.0 and found.layers > 0
    assert found.penalty == "R1 / R2 penalty" and found.network == "Discriminator"
    assert facts(workflow, before=turn_off).penalised[0].weight == 0.0
    assert facts(penalised("none")[0]).penalised == ()


@pytest.mark.parametrize(("smoothing", "compared"), [(False, True), (True, False)])
def test_a_fork_knows_its_parents_losses_if_both_have_the_same_objective(facts, store, new_run, smoothing, compared):
    workflow = workflows.open_template("dcgan")
    parent = new_run(workflow_text=document.write(workflow))
    metrics.append(store, parent.id, 1, list(LOSSES), np.tile(np.arange(1.0, 201.0)[:, None], 2))
    if smoothing:
        objective = replace(workflow.nodes["objective"], class_type="LeastSquaresObjective")
        workflow = replace(workflow, nodes={**workflow.nodes, "objective": objective})
    fork = facts(workflow, parent=parent.id, parent_step=150).fork
    assert fork is not None and fork.step == 150
    assert {name: values.tolist() for name, values in fork.series.items()} == (
        {name: list(range(51, 151)) for name in LOSSES} if compared else {}
    )


def test_a_fork_whose_parent_was_deleted_knows_only_its_step(facts, store, new_run):
    workflow = workflows.open_template("dcgan")
    parent = new_run(workflow_text=document.write(workflow))
    origin = {"parent": parent.id, "parent_step": 150}
    fork = facts(workflow, before=lambda run: delete_runs(store, [parent.id]), **origin).fork
    assert fork is not None and (fork.step, fork.series) == (150, {})
