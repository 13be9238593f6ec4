"""Where a node is added, what is wired then, and which types are offered first."""

import pytest

from pipeline.errors.workflow import UnknownNodeType
from pipeline.graph import edit
from pipeline.graph.adding import matching, offers, place_node
from pipeline.graph.check import check
from pipeline.graph.workflow import Workflow


def test_a_placed_node_stacks_on_the_selected_one(workflow, registry):
    cut, saw = place_node(workflow, "Saw", "b", registry)
    assert cut.nodes[saw].inputs == {"length": ["b", 0]}


def test_a_placed_node_stacks_on_the_last_one_that_fits_if_the_selected_one_does_not(workflow, registry):
    once, first = place_node(workflow, "Saw", "drill", registry)
    twice, second = place_node(once, "Saw", "drill", registry)
    assert once.nodes[first].inputs == {"length": ["join", 0]}
    assert twice.nodes[second].inputs == {"length": [first, 0]}
    assert twice.nodes["drill"].inputs == {"length": [second, 0]}


def test_a_placed_node_has_no_wires_if_several_places_fit_or_nothing_does(workflow, registry):
    apart = edit.remove_node(workflow, "join", registry)
    for before, kind in ((apart, "Saw"), (workflow, "Ruler")):
        after, node_id = place_node(before, kind, "drill", registry)
        assert after.nodes[node_id].inputs == {}
        assert {**after.nodes} == {**before.nodes, node_id: after.nodes[node_id]}


def test_a_placed_node_is_wired_to_the_selected_one_or_to_the_only_one_that_fits(workflow, registry):
    lone = Workflow("", {"a": workflow.nodes["a"]})
    wired, join = place_node(lone, "Join", "", registry)
    assert wired.nodes[join].inputs == {"first": ["a", 0], "second": ["a", 0]}
    chosen, join = place_node(workflow, "Join", "b", registry)
    assert chosen.nodes[join].inputs == {"first": ["b", 0], "second": ["b", 0]}


def test_of_a_chain_of_stacked_nodes_only_the_end_is_a_candidate(workflow, registry):
    chain, saw = place_node(Workflow("", {"a": workflow.nodes["a"]}), "Saw", "a", registry)
    wired, drill = place_node(chain, "Drill", "", registry)
    assert wired.nodes[drill].inputs == {"length": [saw, 0]}


def test_a_placed_node_fills_the_only_unconnected_input_that_takes_it(workflow, registry):
    without = edit.remove_node(workflow, "a", registry)
    filled, ruler = place_node(without, "Ruler", "drill", registry)
    assert filled.nodes["join"].inputs == {"first": [ruler, 0], "second": ["b", 0]}
    assert check(edit.set_parameter(filled, ruler, "metres", 3, registry), registry).ok


def test_it_fills_none_of_two_and_none_that_another_unused_node_may_fill(workflow, registry):
    both = edit.disconnect(edit.disconnect(workflow, "join", "first"), "join", "second")
    one = edit.disconnect(workflow, "join", "first")
    for before in (both, one):
        after, _ = place_node(before, "Ruler", "drill", registry)
        assert after.nodes["join"] == before.nodes["join"]


def test_placing_an_unknown_type_is_refused(workflow, registry):
    with pytest.raises(UnknownNodeType):
        place_node(workflow, "KSampler", "", registry)


def test_types_that_fit_the_selected_node_are_offered_first_then_those_that_fill_an_input(workflow, registry):
    without = edit.remove_node(workflow, "a", registry)
    found = offers(without, "join", registry)
    fits = {each.class_type: each.fit for each in found}
    assert fits == {
        "Saw": "selected",
        "Join": "selected",
        "Drill": "selected",
        "Ruler": "selected",
        "Paint": "selected",
    } | {"Stamp": "rest"}
    assert {each.class_type: each.fit for each in offers(without, "drill", registry)}["Ruler"] == "open"
    assert [each.fit for each in found] == sorted((each.fit for each in found), key=["selected", "open", "rest"].index)
    assert {each.fit for each in offers(workflow, "", registry)} == {"rest"}


def test_offers_have_one_line_of_help_and_a_category(workflow, registry):
    ruler = next(each for each in offers(workflow, "", registry) if each.class_type == "Ruler")
    assert (ruler.title, ruler.line, ruler.category) == ("Ruler", "A source of lengths.", "Noise")


def test_words_filter_by_title_help_category_and_class_name(workflow, registry):
    found = offers(workflow, "", registry)

    def classes(words):
        return [each.class_type for each in matching(found, words)]

    assert classes("RUL") == ["Ruler"]
    assert classes("source colours") == ["Paint"]
    assert classes("real images") == ["Paint"]
    assert classes("through length cut") == ["Saw"]
    assert classes("saw")[0] == "Saw"
    assert len(classes("")) == len(found)
    assert classes("unicorn") == []
