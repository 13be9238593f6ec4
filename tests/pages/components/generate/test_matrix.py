"""The matrix of samples, without an engine: every cell is a picture of one colour."""

from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.generate import matrix
from pipeline.sampling.grid import grid_png
from pipeline.studio.run import history


def drawn():
    from types import SimpleNamespace

    from pages.components.generate.matrix import sample_matrix

    sample_matrix(SimpleNamespace(id="a-run"), ("cat", "dog"), ())


@pytest.fixture
def asked(monkeypatch):
    """What was drawn: (step, images, seed, weights, label) of each cell."""
    calls = []

    def draw(run, step, count, seed, weights, label, settings, tick):
        calls.append((step, count, seed, weights, label))
        return SimpleNamespace(png=grid_png(np.full((count, 4, 4, 1), len(calls), np.uint8), scale=1))

    monkeypatch.setattr(matrix, "draw", draw)
    monkeypatch.setattr(matrix, "store", lambda: None)
    monkeypatch.setattr(history, "checkpoint_steps", lambda store, run: [300, 200, 100, 0])
    return calls


def test_rows_are_checkpoints_and_columns_seeds(asked):
    app = AppTest.from_function(drawn, default_timeout=60).run()
    assert not app.exception
    assert asked == [(step, 4, seed, "ema", None) for step in (0, 100, 200, 300) for seed in range(4)]
    words = " ".join(each.value for each in app.markdown)
    assert all(f"step {step}" in words for step in (0, 100, 200, 300)) and "seed 3" in words
    assert len(app.image) == 16 and app.image[5].proto.imgs[0].alt == "4 generated images from step 100, seed 1"


def test_weights_and_class_apply_to_all_cells(asked):
    app = AppTest.from_function(drawn, default_timeout=60).run()
    asked.clear()
    app.selectbox(key="draw_class").set_value(1)
    app.button_group(key="draw_weights").set_value("raw")
    app.number_input(key="matrix_seed").set_value(7)
    app.run()
    assert {call[3:] for call in asked} == {("raw", 1)} and {call[2] for call in asked} == {7, 8, 9, 10}


def test_a_stopped_matrix_goes_on_when_asked(asked):
    app = AppTest.from_function(drawn, default_timeout=60).run()
    app.session_state["matrix_stopped"] = matrix._Settings(
        "a-run", (0, 100, 200, 300), (0, 1, 2, 3), 4, "ema", None, {}
    )
    assert len(app.run().image) == 0 and "Drawing was stopped" in app.caption[0].value
    assert len(app.button(key="matrix_go_on").click().run().image) == 16
