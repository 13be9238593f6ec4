"""Custom nodes on the Workflow page."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipeline.nodes.catalogue import NODES
from pipeline.nodes.custom_nodes import load

ROOT = Path(__file__).parents[2]


def opened() -> AppTest:
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=120).switch_page("pages/1_Workflow.py").run()
    assert not app.exception
    return app


def test_a_file_that_failed_to_load_is_shown_with_its_traceback(home, tmp_path, monkeypatch):
    (tmp_path / "own_loss.py").write_text("import nowhere_at_all")
    monkeypatch.setattr("pages.components.workflow.custom_nodes.CUSTOM_NODES", load([tmp_path], NODES))
    app = opened()
    (told,) = (warning.value.replace("\\", "") for warning in app.warning)
    assert told.startswith("own_loss.py failed to load: ModuleNotFoundError: No module named 'nowhere_at_all'.")
    (shown,) = (code.value for code in app.code)
    assert f'File "{tmp_path}/own_loss.py", line 1, in <module>' in shown
    assert "Traceback of own_loss.py" in [expander.label.replace("\\", "") for expander in app.expander]


@pytest.mark.parametrize("kind", ["AdamW", "RMSprop", "SGD", "LearningRateSchedule"])
def test_every_node_type_has_a_form_without_code_in_the_page(home, kind):
    app = opened()
    assert not app.warning
    app.button(key="add_node").click().run()
    app.button(key=f"add {kind}").click().run()
    assert not app.exception
    node = app.session_state["draft"].selected
    assert app.session_state["draft"].workflow.nodes[node].class_type == kind
    keys = {field.key for each in ("number_input", "text_input", "selectbox", "toggle") for field in app.get(each)}
    fields = {
        name for name in NODES[kind].model_fields if f"field {node}.{name}" in keys or f"wire {node}.{name}" in keys
    }
    assert fields == set(NODES[kind].model_fields)
