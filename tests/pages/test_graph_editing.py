"""Find, replace, connect, copy and bypass nodes on the Workflow page."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page(home):
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=120).switch_page("pages/1_Workflow.py")
    return sound(app.run())


def sound(app):
    assert not app.exception
    return app


def click(app, key):
    return sound(app.button(key=key).click().run())


def select(app, node_id):
    return sound(app.selectbox(key="selected_node").set_value(node_id).run())


def draft(app):
    return app.session_state["draft"]


def node(app, node_id):
    return draft(app).workflow.nodes[node_id]


def boxes(app):
    """The boxes of the graph, by title."""
    data = json.loads(json.loads(app.get("component_instance")[0].proto.json_args)["data"])
    return {box["label"].split("\n")[0]: box for box in data["nodes"]}


def offered(app):
    return [button.key.removeprefix("add ") for button in app.button if (button.key or "").startswith("add ")]


def words(app):
    return "\n".join(element.value for element in app.markdown).replace("\\", "")


def test_finding_a_node_takes_a_click_typing_and_a_click(page):
    select(page, "objective")
    click(page, "add_node")
    assert offered(page)[0] == "GradientPenalty"
    assert "**Fits Cross-entropy**" in words(page) and "**Optimizer**" in words(page)
    sound(page.text_input(key="find_node").set_value("weight decay").run())
    assert offered(page) == ["AdamW"]
    sound(page.text_input(key="find_node").set_value("r1").run())
    assert offered(page)[0] == "R1R2Penalty"
    click(page, "add R1R2Penalty")
    assert draft(page).selected == "r1_r2_penalty" and not offered(page)
    assert node(page, "training").inputs["objective"] == ["r1_r2_penalty", 0]
    click(page, "add_node")
    assert page.text_input(key="find_node").value == ""


def test_a_search_without_a_match_says_so(page):
    click(page, "add_node")
    sound(page.text_input(key="find_node").set_value("unicorn").run())
    assert offered(page) == []
    assert any("No type of node has all these words" in caption.value for caption in page.caption)


def test_swapping_a_loss_takes_three_clicks_and_keeps_the_workflow_ready(page):
    select(page, "objective")
    menu = page.menu_button(key="replace objective")
    sound(menu.click("HingeObjective").run())
    assert node(page, "objective").class_type == "HingeObjective"
    assert draft(page).selected == "objective" and "<b>Hinge loss</b>" in boxes(page)
    shown = page.selectbox(key="selected_node").proto
    assert (shown.set_value, shown.raw_value) == (True, "Hinge loss"), "else the browser would keep the old title"
    assert not page.button(key="start_run").disabled
    click(page, "undo")
    assert node(page, "objective").class_type == "NonSaturatingObjective"


def test_connecting_two_nodes_makes_the_wire_that_fits(page):
    select(page, "objective")
    sound(page.selectbox(key="wire objective.generator").set_value("not connected").run())
    click(page, "begin_connecting")
    assert "**Connecting Cross-entropy**" in words(page)
    assert boxes(page)["<b>Generator</b>"]["borderWidth"] == 4 > boxes(page)["<b>Noise</b>"]["borderWidth"]
    select(page, "noise")
    assert "No output of Cross-entropy and Noise fits an input of the other" in words(page)
    select(page, "generator")
    assert node(page, "objective").inputs["generator"] == ["generator", 0]
    assert draft(page).selected == "objective" and "**Connecting" not in words(page)


def test_if_several_wires_fit_a_dialog_asks_which(page):
    select(page, "training")
    for wire in ("generator_optimizer", "discriminator_optimizer"):
        sound(page.selectbox(key=f"wire training.{wire}").set_value("not connected").run())
    click(page, "begin_connecting")
    select(page, "generator_optimizer")
    choices = [button for button in page.button if (button.key or "").startswith("connect_choice")]
    assert [choice.label.split("**")[1] for choice in choices] == ["Generator optimizer", "Discriminator optimizer"]
    click(page, "connect_choice 0")
    assert node(page, "training").inputs["generator_optimizer"] == ["generator_optimizer", 0]
    assert "discriminator_optimizer" not in node(page, "training").inputs


def test_connecting_can_be_stopped(page):
    click(page, "begin_connecting")
    click(page, "cancel_connecting")
    assert "**Connecting" not in words(page)
    select(page, "noise")
    assert draft(page).selected == "noise"


def test_a_node_is_duplicated_and_pasted_into_another_workflow(page):
    assert page.button(key="paste").disabled
    select(page, "discriminator")
    click(page, "duplicate")
    assert draft(page).selected == "discriminator_2"
    assert node(page, "discriminator_2") == node(page, "discriminator")
    click(page, "copy")
    page.session_state.open_menu = True
    page.run()
    click(page, "template wgan-gp")
    click(page, "paste")
    assert draft(page).selected == "discriminator_2"
    assert node(page, "discriminator_2").inputs["images"] == ["data", 0]


def test_a_bypassed_penalty_stays_in_the_graph_and_out_of_training(page):
    select(page, "objective")
    assert not any(toggle.key == "bypass objective" for toggle in page.toggle)
    click(page, "add_node")
    click(page, "add R1R2Penalty")
    sound(page.toggle(key="bypass r1_r2_penalty").set_value(True).run())
    box = boxes(page)["<b>R1 / R2 penalty</b>"]
    assert box["label"].endswith("\nbypassed") and box["shapeProperties"]["borderDashes"]
    assert "R1 / R2 penalty, bypassed" in page.selectbox(key="selected_node").options
    assert not page.button(key="start_run").disabled
    click(page, "undo")
    assert not node(page, "r1_r2_penalty").bypassed


def test_undo_and_redo_select_what_they_changed(page):
    select(page, "generator_optimizer")
    click(page, "remove_node")
    select(page, "noise")
    click(page, "undo")
    assert draft(page).selected == "generator_optimizer"
    select(page, "noise")
    click(page, "redo")
    assert draft(page).selected == "training"
