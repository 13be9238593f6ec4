"""A learning rate schedule between an optimizer and the training."""

import pytest

from pipeline.graph.check import check
from pipeline.graph.edit import add_node, connect, set_parameter
from pipeline.graph.node import Link
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.training_subgraph import metric_names
from pipeline.training.schedule import Schedule
from pipeline.training.trainer import Trainer

TINY = ("generator.hidden=8", "discriminator.hidden=8", "training.batch_size=8", "training.total_steps=4")


@pytest.fixture
def scheduled(small):
    """scheduled(shape="linear"): a small mlp-gan with a schedule on its generator's optimizer, and the node's id."""

    def make(**options: object):
        workflow, node = add_node(small("mlp-gan", *TINY), "LearningRateSchedule", NODES)
        workflow = connect(workflow, node, "optimizer", Link("generator_optimizer"))
        workflow = connect(workflow, "training", "generator_optimizer", Link(node))
        for name, value in options.items():
            workflow = set_parameter(workflow, node, name, value, NODES)
        return workflow, node

    return make


def test_the_scheduled_rate_is_recorded_only_for_an_optimizer_with_a_schedule(scheduled, tmp_path):
    workflow, _ = scheduled(shape="linear")
    experiment = assemble(workflow, tmp_path)
    report = check(workflow, NODES)
    assert report.ok
    assert experiment.series == metric_names(report)[: len(experiment.series)]
    assert "G_learning_rate" in experiment.series and "D_learning_rate" not in experiment.series
    done = Trainer.fresh(experiment).slice(6, seconds=60)
    base = experiment.live["generator_optimizer.learning_rate"]
    rates = done.values[:, done.names.index("G_learning_rate")]
    assert rates.tolist() == pytest.approx([base * share for share in (1, 0.75, 0.5, 0.25, 0, 0)], rel=1e-6)


def test_the_nodes_parameters_become_the_schedule(scheduled, tmp_path):
    workflow, _ = scheduled(shape="step", warmup_steps=3, end_factor=0.25, step_every=7, step_factor=0.125)
    part = assemble(workflow, tmp_path).optimizers["generator"]
    assert part.schedule == Schedule("step", 3, 0.25, 7, 0.125)
    assert part.node == "generator_optimizer"


def test_a_schedule_of_a_schedule_is_refused(scheduled):
    workflow, node = scheduled()
    workflow, second = add_node(workflow, "LearningRateSchedule", NODES)
    workflow = connect(workflow, second, "optimizer", Link(node))
    workflow = connect(workflow, "training", "generator_optimizer", Link(second))
    (problem,) = check(workflow, NODES).problems
    assert (problem.node, problem.input_name) == (second, "optimizer")
    assert "already has a schedule" in problem.message


def test_the_schedule_of_the_other_networks_optimizer_is_refused(scheduled):
    workflow, node = scheduled()
    swapped = connect(workflow, node, "optimizer", Link("discriminator_optimizer"))
    assert "updates the discriminator" in check(swapped, NODES).sentences()[0]
