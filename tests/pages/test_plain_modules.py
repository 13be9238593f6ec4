"""A plain torch module as a network on the Workflow page: its layers, and what a fork would carry over."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipeline.graph import document
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio.run import training
from tests.nodes import plain_modules
from tests.nodes.plain_modules import skipping

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def own(shared_home: Path) -> Iterator[None]:
    """Make the custom node known here and in the engines."""
    folder = shared_home.parent / "mine"
    with pytest.MonkeyPatch.context() as patch, plain_modules.loaded(folder):
        patch.setenv("GENSCOPE_NODES", str(folder))
        yield


def opened(workflow, **address: str) -> AppTest:
    """The Workflow page with this workflow, or with the one in the address, and the generator selected."""
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=120).switch_page("pages/1_Workflow.py")
    app.query_params.update(address)
    app.session_state.open_menu = True
    app.run()
    assert not app.exception
    if not address:
        content = document.write(workflow).encode()
        app.file_uploader(key="workflow_file").set_value([("mine.json", content, "application/json")]).run()
    app.selectbox(key="selected_node").set_value("generator").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(each.value for each in (*app.markdown, *app.caption, *app.error)).replace("\\", "")


def test_its_layers_are_computed_by_the_engine(drawer: TrainerHandle):
    app = opened(skipping(width=4))
    assert "**Layers of Skipping** :gray[940 parameters · 936 multiply-adds for each image]" in words(app)
    table = app.dataframe[0].value
    assert table["Layer"].tolist() == ["first", "second"]
    assert table["Output"].tolist() == ["4", "64"]
    assert table["Parameters"].tolist() == [44, 896]


def test_a_stored_layer_table_is_shown_without_an_engine(drawer: TrainerHandle, monkeypatch: pytest.MonkeyPatch):
    opened(skipping(width=5))
    monkeypatch.setattr("pages.components.workflow.layer_table.drawing_engine", None)
    assert opened(skipping(width=5)).dataframe[0].value["Output"].tolist() == ["5", "64"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("made", "Skipping (generator) failed to be built: This width is unlucky (own_skip.py, line 36)."),
        ("exits", "Skipping (generator) failed to show its layers: SystemExit: 3"),
    ],
)
def test_the_error_of_a_failing_module_replaces_its_layers_only(drawer, fault, sentence):
    app = opened(skipping(fault=fault))
    assert "**Layers of Skipping**" in words(app) and sentence in words(app)
    assert not app.dataframe
    assert app.button(key="start_run").label == "Start run"
    assert drawer.snapshot.engine == "ready"


def test_a_fork_with_another_width_is_previewed_unless_the_module_fails(trainer, drawer, wait_for):
    run = training.start(trainer, skipping(), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 5)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    app = opened(skipping(), fork=run)
    assert "Nothing is reinitialised." in words(app)
    width = next(field for field in app.number_input if field.key == "field generator.width")
    width.set_value(20).run()
    assert "Reinitialised: generator" in words(app)
    app.selectbox(key="field generator.fault").set_value("called").run()
    assert "The first event of the new run will list what was carried over." in words(app)
    assert not app.exception
