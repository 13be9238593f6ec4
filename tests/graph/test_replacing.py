"""A node is replaced by another type that fits its place, with the real catalogue."""

import pytest

from pipeline.errors.workflow import CannotReplace, UnknownNode
from pipeline.graph import edit
from pipeline.graph.check import check
from pipeline.graph.replacing import alternatives, swap_node
from pipeline.graph.workflow import NodeData
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template


@pytest.fixture
def dcgan():
    return open_template("dcgan")


def names(workflow, node_id):
    return [node_class.__name__ for node_class in alternatives(workflow, node_id, NODES)]


def test_alternatives_are_of_the_same_kind_and_fit_all_wires(dcgan):
    assert names(dcgan, "generator_optimizer") == ["AdamW", "RMSprop", "SGD"]
    assert names(dcgan, "generator") == ["MLPGenerator", "ResNetGenerator"]
    assert names(dcgan, "data") == ["ImageFiles"]
    assert "HingeObjective" in names(dcgan, "objective") and "GradientPenalty" not in names(dcgan, "objective")
    assert names(dcgan, "training") == names(dcgan, "noise") == []
    assert names(dcgan, "samples") == ["PeriodicEvaluation", "Checkpoints"]


def test_a_stacked_node_is_replaced_by_one_that_stacks(dcgan):
    stacked, penalty = edit.insert_node(dcgan, "R1R2Penalty", "objective", NODES)
    assert "DRAGANPenalty" in names(stacked, penalty) and "HingeObjective" not in names(stacked, penalty)
    swapped = swap_node(stacked, penalty, "DRAGANPenalty", NODES)
    assert swapped.nodes[penalty].inputs["objective"] == ["objective", 0]
    assert swapped.nodes["training"] == stacked.nodes["training"]


def test_a_node_of_unknown_type_has_none_and_an_unknown_node_is_refused(dcgan):
    odd = edit.replace_node(dcgan, "objective", NodeData("KSampler", {}))
    assert names(odd, "objective") == []
    with pytest.raises(UnknownNode):
        alternatives(dcgan, "nobody", NODES)


def test_another_loss_keeps_wires_and_the_workflow_sound(dcgan):
    for kind in names(dcgan, "objective"):
        swapped = swap_node(dcgan, "objective", kind, NODES)
        assert swapped.nodes["objective"] == NodeData(kind, dcgan.nodes["objective"].inputs)
        assert list(swapped.nodes) == list(dcgan.nodes)
        assert check(swapped, NODES).ok


def test_shared_parameters_keep_valid_values_and_others_go(dcgan):
    rated = edit.apply_settings(dcgan, ["generator_optimizer.learning_rate=0.0003"], NODES)
    plain = swap_node(rated, "generator_optimizer", "SGD", NODES).nodes["generator_optimizer"]
    assert plain.inputs == {"network": ["generator", 0], "learning_rate": 0.0003, "clip_norm": 0.0}
    large = edit.set_parameter(dcgan, "generator", "image_size", 100_000, NODES)
    assert "image_size" not in swap_node(large, "generator", "ResNetGenerator", NODES).nodes["generator"].inputs


def test_a_title_stays_if_it_still_says_what_the_node_is(dcgan):
    def title(node_id, kind):
        return swap_node(dcgan, node_id, kind, NODES).nodes[node_id].title

    assert title("generator_optimizer", "SGD") == "Generator SGD"
    assert title("generator", "ResNetGenerator") == "Generator"
    assert title("objective", "HingeObjective") == ""


def test_a_type_that_does_not_fit_is_refused(dcgan):
    with pytest.raises(CannotReplace, match="Cross-entropy cannot be replaced by Adam"):
        swap_node(dcgan, "objective", "Adam", NODES)
    with pytest.raises(CannotReplace):
        swap_node(dcgan, "objective", "NonSaturatingObjective", NODES)


def test_a_bypassed_node_stays_bypassed(dcgan):
    stacked, penalty = edit.insert_node(dcgan, "R1R2Penalty", "objective", NODES)
    bypassed = edit.apply_settings(stacked, [f"{penalty}.bypass=true"], NODES)
    assert swap_node(bypassed, penalty, "DRAGANPenalty", NODES).nodes[penalty].bypassed
