import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipeline.graph import document
from pipeline.studio import workflows

ROOT = Path(__file__).parents[2]
FIELDS = ("number_input", "text_input", "selectbox", "toggle")


@pytest.fixture
def page(home):
    return opened()


def opened(**address):
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=120).switch_page("pages/1_Workflow.py")
    for name, value in address.items():
        app.query_params[name] = value
    return sound(app.run())


def sound(app):
    assert not app.exception
    return app


def draft(app):
    return app.session_state["draft"]


def inputs(app, node_id):
    return draft(app).workflow.nodes[node_id].inputs


def picture(app):
    """(boxes by title line, wires) as the component receives them."""
    data = json.loads(json.loads(app.get("component_instance")[0].proto.json_args)["data"])
    return {box["label"].split("\n")[0]: box for box in data["nodes"]}, data["edges"]


def words(app):
    """All Markdown texts and button labels of the page, without escaping backslashes."""
    elements = [*app.markdown, *app.error, *app.warning, *app.button]
    texts = [element.label if element.type == "button" else element.value for element in elements]
    return "\n".join(texts).replace("\\", "")


def open_menu(app):
    """The page with the Open menu open, which is drawn only then."""
    app.session_state.open_menu = True
    return sound(app.run())


def upload(app, name, content, kind="application/json"):
    return sound(open_menu(app).file_uploader(key="workflow_file").set_value([(name, content, kind)]).run())


def select(app, node_id):
    return sound(app.selectbox(key="selected_node").set_value(node_id).run())


def add(app, kind):
    """Two clicks: the button, and the type in the dialog."""
    sound(app.button(key="add_node").click().run())
    return sound(app.button(key=f"add {kind}").click().run())


def test_the_default_template_is_ready_to_start(page):
    boxes, wires = picture(page)
    assert page.title[0].value == "dcgan"
    assert len(boxes) == 9 and len(wires) == 10
    assert boxes["<b>Generator Adam</b>"]["label"].endswith("learning rate 0.001")
    assert not page.button(key="start_run").disabled
    assert draft(page).state == "template"


def test_the_address_names_the_template_to_open(home):
    page = opened(template="wgan-gp")
    assert page.title[0].value == r"wgan\-gp"
    assert page.query_params["template"] == "wgan-gp"
    assert "did you mean 'dcgan'" in words(opened(template="dcgam"))


def test_every_node_has_a_form_for_each_of_its_parameters_and_wires(page):
    for node_id, node in draft(page).workflow.nodes.items():
        select(page, node_id)
        keys = {widget.key for kind in FIELDS for widget in page.get(kind)}
        for name in node.inputs:
            assert {f"field {node_id}.{name}", f"wire {node_id}.{name}"} & keys, name


def test_a_parameter_is_changed_reset_undone_and_redone(page):
    select(page, "training")
    sound(page.number_input(key="field training.batch_size").set_value(128).run())
    assert inputs(page, "training")["batch_size"] == 128
    assert draft(page).state == "draft"
    sound(page.button(key="reset training.batch_size").click().run())
    assert page.number_input(key="field training.batch_size").value == 64
    sound(page.button(key="undo").click().run())
    assert page.number_input(key="field training.batch_size").value == 128
    sound(page.button(key="undo").click().run())
    assert draft(page).state == "template"
    sound(page.button(key="redo").click().run())
    assert page.number_input(key="field training.batch_size").value == 128


@pytest.mark.parametrize(("typed", "value"), [("5e-4", 0.0005), (" .002 ", 0.002), ("1", 1)])
def test_a_learning_rate_can_be_written_in_any_notation(page, typed, value):
    select(page, "generator_optimizer")
    sound(page.text_input(key="field generator_optimizer.learning_rate").set_value(typed).run())
    assert inputs(page, "generator_optimizer")["learning_rate"] == value


def test_plus_and_minus_change_a_learning_rate_by_about_half_of_it(page):
    select(page, "generator_optimizer")
    rates = []
    for key in ("more", "more", "less", "less"):
        sound(page.button(key=f"{key} generator_optimizer.learning_rate").click().run())
        rates.append(inputs(page, "generator_optimizer")["learning_rate"])
    assert rates == [0.0015, 0.002, 0.001, 0.0005]
    sound(page.text_input(key="field generator_optimizer.learning_rate").set_value("1").run())
    assert page.button(key="more generator_optimizer.learning_rate").disabled


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("3", "Learning rate is 3, more than the maximum of 1"),
        ("quick", "not a finite number"),
        ("nan", "not a finite number"),
        ("", "not a finite number"),
    ],
)
def test_a_value_out_of_range_is_refused_and_changes_nothing(page, typed, sentence):
    select(page, "generator_optimizer")
    before = draft(page).history
    sound(page.text_input(key="field generator_optimizer.learning_rate").set_value(typed).run())
    assert sentence in words(page)
    assert draft(page).history == before
    assert page.text_input(key="field generator_optimizer.learning_rate").value == "0.001"
    assert sentence not in words(sound(page.run()))


def test_a_node_is_added_wired_renamed_and_removed(page):
    add(page, "MLPGenerator")
    assert draft(page).selected == "mlp_generator"
    assert inputs(page, "mlp_generator") == {"noise": ["noise", 0]}
    sound(page.selectbox(key="wire mlp_generator.noise").set_value("not connected").run())
    assert "Noise is not connected" in words(page)
    assert page.button(key="start_run").disabled
    boxes, _ = picture(page)
    assert boxes["<b>MLP generator</b>"]["color"]["border"] == "#D9263A"

    wire = page.selectbox(key="wire mlp_generator.noise")
    assert wire.options == ["not connected", "Noise (noise)"]
    sound(wire.set_value(wire.options[1]).run())
    assert inputs(page, "mlp_generator")["noise"] == ["noise", 0]

    sound(page.text_input(key="title mlp_generator").set_value("Sketch <b>er").run())
    assert any("Sketch" in title for title in picture(page)[0])
    sound(page.button(key="remove_node").click().run())
    assert "mlp_generator" not in draft(page).workflow.nodes
    assert draft(page).state == "template"


def test_a_wire_can_be_removed(page):
    select(page, "objective")
    sound(page.selectbox(key="wire objective.generator").set_value("not connected").run())
    assert "generator" not in inputs(page, "objective")
    assert "Generator is not connected" in words(page)


def test_a_click_on_a_problem_selects_its_node(page):
    select(page, "generator")
    sound(page.number_input(key="field generator.image_size").set_value(32).run())
    select(page, "data")
    assert "1×32×32" in words(page)
    sound(page.button(key="problem 0").click().run())
    assert draft(page).selected == "generator"


def test_saving_overwrites_another_workflow_only_after_confirmation(page, home):
    sound(page.button(key="save").click().run())
    assert draft(page).state == "saved"
    sound(open_menu(page).button(key="template mlp-gan").click().run())
    sound(page.text_input(key="save_name mlp-gan").set_value("dcgan").run())
    sound(page.button(key="save").click().run())
    assert "workflow named 'dcgan' already exists" in words(page)
    assert workflows.open_saved(home, "dcgan") == workflows.open_template("dcgan")
    sound(page.button(key="replace").click().run())
    assert workflows.open_saved(home, "dcgan").nodes == workflows.open_template("mlp-gan").nodes
    assert page.title[0].value == "dcgan"


def test_a_saved_workflow_is_opened_and_undo_returns_to_the_previous_one(page, home):
    workflows.save(home, workflows.open_template("wgan-gp"), "mine")
    sound(open_menu(page).button(key="saved mine").click().run())
    assert (page.title[0].value, draft(page).state) == ("mine", "saved")
    sound(page.button(key="undo").click().run())
    assert page.title[0].value == "dcgan"


def test_an_uploaded_file_is_opened(page):
    template = workflows.open_template("mlp-gan")
    upload(page, "mine.json", document.write(template).encode())
    assert draft(page).workflow == template
    assert draft(page).state == "file"


def test_a_file_that_is_not_a_workflow_is_refused_and_the_draft_stays(page):
    before = draft(page).workflow
    upload(page, "notes.json", b"{]")
    assert "'notes.json' is not a workflow: it is not JSON" in words(page)
    assert draft(page).workflow == before


def test_a_comfyui_workflow_is_drawn_and_its_problems_are_listed(page):
    nodes = {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5.ckpt"}},
        "3": {"class_type": "KSampler", "inputs": {"seed": 2**60, "cfg": 8, "model": ["4", 0]}},
    }
    upload(page, "comfy.json", json.dumps(nodes).encode())
    boxes, wires = picture(page)
    assert list(boxes) == ["<b>CheckpointLoaderSimple</b>", "<b>KSampler</b>"] and len(wires) == 1
    assert "There is no node type 'KSampler'" in words(page)
    sound(page.button(key="remove_node").click().run())


def test_values_of_the_wrong_type_in_a_file_are_shown_and_can_be_corrected(page):
    nodes = {
        "training": {"class_type": "GANTraining", "inputs": {"batch_size": "many", "seed": 2**60, "precision": 7}},
        "adam": {"class_type": "Adam", "inputs": {"beta1": [1, 2, 3], "beta2": True, "network": "generator"}},
    }
    upload(page, "odd.json", json.dumps(nodes).encode())
    assert "Batch size is 'many', not a whole number" in words(page)
    sound(page.text_input(key="field training.batch_size").set_value("32").run())
    assert inputs(page, "training")["batch_size"] == 32
    sound(page.selectbox(key="field training.precision").set_value("fp32").run())
    select(page, "adam")
    assert page.text_input(key="field adam.beta1").value == "[1, 2, 3]"


def test_a_penalty_is_inserted_after_the_objective_and_can_be_removed(page):
    before = draft(page).workflow
    add(page, "R1R2Penalty")
    assert draft(page).selected == "r1_r2_penalty"
    assert inputs(page, "r1_r2_penalty")["objective"] == ["objective", 0]
    assert inputs(page, "training")["objective"] == ["r1_r2_penalty", 0]
    assert not page.button(key="start_run").disabled
    sound(page.button(key="remove_node").click().run())
    assert draft(page).workflow == before


def test_a_box_shows_whether_a_switch_is_on(page):
    add(page, "DiffAugment")
    assert "adaptive off" in picture(page)[0]["<b>DiffAugment</b>"]["label"]
    sound(page.toggle(key="field diff_augment.adaptive").set_value(True).run())
    assert "adaptive on" in picture(page)[0]["<b>DiffAugment</b>"]["label"]


def test_a_schedule_is_connected_to_the_selected_optimizer(page):
    select(page, "generator_optimizer")
    add(page, "LearningRateSchedule")
    assert inputs(page, "training")["generator_optimizer"] == ["learning_rate_schedule", 0]
    assert not page.button(key="start_run").disabled


def test_an_empty_workflow_says_what_to_do(page):
    upload(page, "empty.json", b'{"format_version": 1, "name": "empty", "prompt": {}}')
    assert "This workflow is empty" in words(page)
    add(page, "ImageData")
    assert draft(page).selected == "image_data"


def test_text_from_a_file_is_not_rendered_as_markdown(page):
    nodes = {"a": {"class_type": "![x](http://x/y.png)", "inputs": {}, "_meta": {"title": ":red[x] **b** $x$"}}}
    upload(page, "marks.json", json.dumps(nodes).encode())
    shown = [*(element.value for element in page.markdown), *(button.label for button in page.button)]
    assert any(r"\:red\[x\] \*\*b\*\* \$x\$" in text for text in shown)
    assert not any("![x](" in text for text in shown)
