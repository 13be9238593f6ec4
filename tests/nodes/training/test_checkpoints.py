"""The node of checkpoints: rules that may change during the run, and today's without it."""

import pytest

from pipeline.graph import edit
from pipeline.graph.adding import place_node
from pipeline.graph.check import check
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.nodes.live_settings import live_settings
from pipeline.nodes.training.checkpoints import CheckpointRules, rules_of
from pipeline.runs.keeping import Keeping


@pytest.fixture
def with_node(small):
    """with_node("every=10"): a small workflow with the node, and these parameters."""

    def make(*settings):
        workflow, _ = place_node(small("mlp-gan"), "Checkpoints", "training", NODES)
        return edit.apply_settings(workflow, [f"checkpoints.{each}" for each in settings], NODES)

    return make


def test_without_the_node_and_with_its_defaults_the_rules_are_the_usual_ones(small, with_node):
    assert rules_of(check(small("mlp-gan"), NODES), {}) == CheckpointRules(30.0, Keeping(3, True))
    assert rules_of(check(with_node(), NODES), {}) == CheckpointRules()


def test_its_parameters_are_the_rules_and_live_values_replace_them(with_node):
    settings = ("seconds=120", "last=5", "doublings=false", "every=500", "most=20", "most_megabytes=300")
    report = check(with_node(*settings), NODES)
    assert report.sentences() == []
    assert rules_of(report, {}) == CheckpointRules(120, Keeping(5, False, 500, 20, 300_000_000))
    live = {"checkpoints.seconds": 60.0, "checkpoints.every": 100.0, "checkpoints.most_megabytes": 0.0}
    assert rules_of(report, live) == CheckpointRules(60, Keeping(5, False, 100, 20))


def test_it_changes_nothing_of_what_is_built_but_brings_its_live_values(small, with_node, tmp_path):
    plain, other = assemble(small("mlp-gan"), tmp_path), assemble(with_node("every=7"), tmp_path)
    added = {f"checkpoints.{name}" for name in ("seconds", "last", "every", "most", "most_megabytes")}
    assert set(other.live) - set(plain.live) == added and other.live["checkpoints.every"] == 7
    assert other.series == plain.series and other.nodes == plain.nodes


def test_a_run_is_resumed_with_other_rules(with_node):
    (found,) = live_settings(check_workflow(with_node()), ["checkpoints.seconds=5"])
    assert (found.key, found.value) == ("checkpoints.seconds", 5.0)


def test_a_workflow_has_one_such_node_at_most(with_node):
    workflow, _ = place_node(with_node(), "Checkpoints", "training", NODES)
    assert any("Checkpoints" in sentence for sentence in check(workflow, NODES).sentences())
