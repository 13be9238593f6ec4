"""The Layers view: probes are off at first and can be turned on; Look inside works on demand."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shell import state
from pipeline.studio.run import debugging, training

TIMEOUT = 60


def page() -> None:
    import streamlit as st

    from pages.components.inspect.layers_view import layers_view
    from pages.components.shell import notices
    from pages.components.shell.state import snapshot_of, store

    run = st.query_params["run"]
    notices.show()
    layers_view(store().run(run), snapshot_of(run))


@pytest.fixture
def app(run: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=TIMEOUT)
    app.query_params["run"] = run
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.error)).replace("\\", "")


def box(app: AppTest, label: str):
    return next(each for each in app.selectbox if each.label == label)


def charts(app: AppTest) -> list[str]:
    return [chart.proto.spec for chart in app.get("vega_lite_chart")]


def test_probes_are_off_until_turned_on_and_then_measure_every_step(app, trainer, run, wait_for):
    assert "Probes are off. Turn them on to see layers over time." in words(app)
    assert charts(app) == []
    box(app, "Probes").select(1).run()
    assert trainer.snapshot.probes == 1
    assert "The first probe is taken in the next training steps" in words(app)
    before = trainer.snapshot.step
    training.chunk(trainer, trainer.snapshot, "Ada", 3)
    wait_for(lambda: trainer.snapshot.step == before + 3 and trainer.snapshot.state == "paused")
    app.run()
    assert not app.exception
    assert len(charts(app)) == 4
    found = words(app)
    assert "3 steps were probed" in found and f"After step {before + 3:,}" in found
    assert "Probes cost " in found and "% of training time" in found
    # Every quantity and histogram can be drawn.
    for quantity in box(app, "Quantity").options:
        box(app, "Quantity").select(quantity).run()
    for kind in box(app, "Histogram of").options:
        box(app, "Histogram of").select(kind).run()
    assert not app.exception and len(charts(app)) == 4
    # Each further layer adds a histogram, and a line to the curves.
    layers = app.multiselect[0]
    layers.set_value(layers.options[:2]).run()
    assert not app.exception and len(charts(app)) == 5
    layers.set_value([]).run()
    assert not app.exception and len(charts(app)) == 2
    layers.set_value(layers.options[:1]).run()
    debugging.set_probes(trainer, trainer.snapshot, "Ada", 0)
    wait_for(lambda: trainer.snapshot.probes == 0)
    app.run()
    # Earlier measurements stay visible.
    assert len(charts(app)) == 4 and "Probes cost" not in words(app)


def test_look_inside_shows_pixels_and_layers_and_does_not_change_the_run(app, trainer):
    before = trainer.snapshot.step, trainer.snapshot.metrics
    app.button(key="look_inside").click().run()
    assert not app.exception and not app.error
    pictures = app.image
    assert len(pictures) > 8
    assert f"After {before[0]:,} steps" in words(app)
    assert (trainer.snapshot.step, trainer.snapshot.metrics) == before


def test_an_image_number_beyond_the_grid_is_refused(app):
    app.number_input(key="inside_index").set_value(900).run()
    app.button(key="look_inside").click().run()
    assert "There is no image 900: choose one from 1 to" in words(app)


def test_a_run_that_is_not_loaded_can_be_viewed_but_not_changed(app, trainer, run, small, wait_for):
    other = training.start(trainer, small(), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.run == other)
    app.run()
    assert not app.exception
    assert box(app, "Probes").disabled and app.button(key="look_inside").disabled
    assert state.trainer().snapshot.run != run
