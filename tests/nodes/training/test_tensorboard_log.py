"""The node of a log for TensorBoard: the part that it makes."""

from pipeline.graph import edit
from pipeline.graph.adding import place_node
from pipeline.graph.check import check
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.training_subgraph import metric_names
from pipeline.training.parts import LogPart

NODE = "tensorboard_log"


def test_a_training_is_logged_and_records_the_same_series(small, tmp_path):
    workflow, _ = place_node(small("mlp-gan"), "TensorboardLog", "training", NODES)
    logged = edit.apply_settings(workflow, [f"{NODE}.every=7", f"{NODE}.folder= logs "], NODES)
    report = check(logged, NODES)
    assert report.sentences() == [] and metric_names(report) == metric_names(check(small("mlp-gan"), NODES))
    assert assemble(workflow, tmp_path).log == LogPart(NODE, 10, "")
    assert assemble(logged, tmp_path).log == LogPart(NODE, 7, "logs")
    assert assemble(small("mlp-gan"), tmp_path).log is None
