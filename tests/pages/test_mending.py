"""Problems and warnings on the Workflow page: one click mends one, and Undo reverts it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template

ROOT = Path(__file__).parents[2]


@pytest.fixture
def opened(home):
    """opened(workflow): the Workflow page with this workflow in the draft."""

    def open_page(workflow):
        app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=120).switch_page("pages/1_Workflow.py")
        app.session_state.open_menu = True
        app = sound(app.run())
        app.session_state.open_menu = True
        sound(app.run())
        content = document.write(workflow).encode()
        return sound(app.file_uploader(key="workflow_file").set_value([("w.json", content, "application/json")]).run())

    return open_page


def sound(app):
    assert not app.exception
    return app


def plain(text):
    """The text without the backslashes that keep Markdown away."""
    return text.replace("\\", "")


def keys(app, beginning):
    return [button.key for button in app.button if button.key and button.key.startswith(beginning)]


def test_fit_it_mends_a_shape_problem_and_undo_brings_it_back(opened):
    workflow = edit.apply_settings(open_template("dcgan"), ["data.dataset=petals", "data.image_size=0"], NODES)
    app = opened(workflow)
    button = app.button(key="mend problem 0")
    assert (button.label, plain(button.help)) == (
        "Fit it",
        "Sets Generator image size 32, channels 3. Undo reverts it.",
    )
    app = sound(button.click().run())
    assert keys(app, "problem") == [] and app.session_state["draft"].workflow.nodes["generator"].inputs["channels"] == 3
    app = sound(app.button(key="undo").click().run())
    assert keys(app, "problem") == ["problem 0"]


def test_a_warning_prevents_nothing_and_goes_when_it_is_mended(opened):
    workflow, penalty = edit.insert_node(open_template("dcgan"), "R1R2Penalty", "objective", NODES)
    app = opened(workflow)
    assert not app.button(key="start_run").disabled
    assert "R1 / R2 penalty" in plain(app.button(key="warning 0").label)
    assert any("over batch normalization" in plain(each.value) for each in app.markdown)
    app = sound(app.button(key="warning 0").click().run())
    assert app.session_state["draft"].selected == penalty
    app = sound(app.button(key="mend warning 0").click().run())
    assert keys(app, "warning") == [] and keys(app, "mend") == []


def test_before_a_start_time_disk_and_shares_of_a_batch_are_told(opened):
    app = opened(edit.apply_settings(open_template("dcgan"), ["training.processes=2"], NODES))
    (line,) = [text for caption in app.caption if "Disk: ≈" in (text := plain(caption.value))]
    assert "Time unknown until a run of about this size" in line
    assert "2 processes × 32 images" in line
