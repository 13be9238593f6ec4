"""The part of a workflow that training depends on, and nothing else."""

import pytest

from pipeline.graph.check import check
from pipeline.graph.edit import add_node, connect
from pipeline.graph.node import Link
from pipeline.inspection.checkup import SampleCheckup
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.ports import GeneratorPort, ImagesPort, NoisePort, ObjectivePort
from pipeline.nodes.training_subgraph import metric_names, series_of, training_subgraph
from pipeline.runs.system_series import SYSTEM_NAMES
from pipeline.training.trainer import Trainer


def test_nodes_come_after_what_they_depend_on_and_the_training_last(template):
    report = check(template("r3gan"), NODES)
    found = training_subgraph(report)
    order = list(found.given)
    assert order[-1] == found.node == "training"
    parents = report.workflow.parents()
    assert all(order.index(parent) < order.index(node_id) for node_id in order for parent in parents[node_id])
    assert "samples" not in order  # the grid depends on the training


def test_every_node_of_a_stack_outputs_an_objective(template):
    found = training_subgraph(check(template("r3gan"), NODES))
    objectives = found.giving(ObjectivePort)
    assert objectives[0] == "objective" and len(objectives) == 2
    assert found.giving(ImagesPort) == ["data"]


def test_an_unused_node_is_not_part_of_it(template):
    workflow, stray = add_node(template("vae"), "MLPGenerator", NODES)
    workflow = connect(workflow, stray, "noise", Link("noise"))
    report = check(workflow, NODES)
    assert report.ok and stray in report.ports
    found = training_subgraph(report)
    assert found.giving(GeneratorPort) == [] and found.giving(NoisePort) == ["noise"]


def test_a_training_with_problems_gives_none(template):
    assert training_subgraph(check(template("dcgan", "generator.image_size=32"), NODES)) is None


@pytest.mark.parametrize("name", ["dcgan", "mlp-gan", "wgan-gp", "autoencoder", "vae"])
def test_the_declared_series_of_a_workflow_are_those_recorded(small, name, tmp_path):
    workflow = small(name)
    trainer = Trainer.fresh(assemble(workflow, tmp_path))
    found = trainer.step()
    measured = SampleCheckup(trainer.experiment).measure(trainer, trainer.draw(4, seed=0))
    assert metric_names(check(workflow, NODES)) == (*found.names, *measured, *SYSTEM_NAMES)


def test_every_series_has_a_meaning_and_all_but_the_clock_a_chart(template):
    for name in ("wgan-gp", "r3gan", "vae"):
        series = series_of(check(template(name), NODES))
        assert all(each.meaning and not each.meaning.endswith(".") for each in series)
        assert [each.name for each in series if each.chart is None] == ["seconds"]


def test_a_workflow_with_problems_has_no_series(template):
    assert metric_names(check(template("dcgan", "generator.image_size=32"), NODES)) == ()
