"""The part of a workflow that training depends on, and nothing else."""

from pipeline.graph.check import check
from pipeline.graph.edit import add_node, connect
from pipeline.graph.workflow import Link
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.ports import GeneratorPort, ImagesPort, NoisePort, ObjectivePort
from pipeline.nodes.training_subgraph import trained


def test_nodes_come_after_what_they_depend_on_and_the_training_last(template):
    report = check(template("r3gan"), NODES)
    found = trained(report)
    order = list(found.given)
    assert order[-1] == found.node == "training"
    parents = report.workflow.parents()
    assert all(order.index(parent) < order.index(node_id) for node_id in order for parent in parents[node_id])
    assert "samples" not in order  # the grid depends on the training


def test_every_node_of_a_stack_outputs_an_objective(template):
    found = trained(check(template("r3gan"), NODES))
    objectives = found.giving(ObjectivePort)
    assert objectives[0] == "objective" and len(objectives) == 2
    assert found.giving(ImagesPort) == ["data"]


def test_an_unused_node_is_not_part_of_it(template):
    workflow, stray = add_node(template("vae"), "MLPGenerator", NODES)
    workflow = connect(workflow, stray, "noise", Link("noise"))
    report = check(workflow, NODES)
    assert report.ok and stray in report.ports
    found = trained(report)
    assert found.giving(GeneratorPort) == [] and found.giving(NoisePort) == ["noise"]


def test_a_training_with_problems_gives_none(template):
    assert trained(check(template("dcgan", "generator.image_size=32"), NODES)) is None
