"""A custom family, written exactly as in the README, on every page."""

import pytest

from pages.components.shell import state
from pipeline.graph import document, edit
from pipeline.nodes import custom_nodes
from pipeline.nodes.catalogue import NODES
from pipeline.studio.run import debugging, training
from tests.custom_catalogue import catalogue_as_before
from tests.families.readme_family import write_family

SMALL = ("training.batch_size=8", "denoiser.channels=4", "samples.count=4", "samples.every=10")


@pytest.fixture(scope="module")
def workflow(tmp_path_factory):
    """The README's workflow with small settings. The server and its engines load its nodes."""
    folder = tmp_path_factory.mktemp("family")
    nodes = write_family(folder)
    with catalogue_as_before() as patch:
        patch.setenv("GENSCOPE_NODES", str(nodes))
        assert custom_nodes.load([nodes], NODES).failed == ()
        read = document.read((folder / "denoiser.json").read_bytes(), "denoiser.json")
        yield edit.apply_settings(read, SMALL, NODES)


@pytest.fixture(scope="module")
def denoiser(workflow, trainer, wait_for):
    """A paused run of the workflow that has trained more than twenty steps, with probes."""
    run = training.start(trainer, workflow, "Ada", switch=True)
    debugging.set_probes(trainer, trainer.snapshot, "Ada", 5)
    wait_for(lambda: trainer.snapshot.step > 20)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    return run


def test_train_charts_its_series_and_has_no_buttons_for_single_updates(denoiser, browser):
    browser.open("pages/2_Train.py", run=denoiser)
    charts = {chart.title: chart for chart in browser.charts}
    assert {"Loss", "Gain", "Gradient norm", "Diversity"} <= charts.keys()
    assert set(charts["Gain"].points["metric"]) == {"gain", "held_out_gain"}
    assert '"times closer"' in charts["Gain"].specification
    assert not any(button.key.startswith("only_") for button in browser.app.button if button.key)


def test_its_series_are_explained_and_can_be_used_in_breakpoints(denoiser, browser):
    browser.open("pages/2_Train.py", run=denoiser)
    told = dict(browser.table("What it is")[["Name", "What it is"]].itertuples(index=False))
    assert told["gain"] == "how many times closer to the image than the noisy one"
    assert told["held_out_gain"] == "the gain on held-out images"
    snapshot = state.trainer().snapshot
    debugging.add_breakpoint(state.trainer(), snapshot, "Ada", "gain > 0 and held_out_gain < 1000")
    assert [each.expression for each in state.trainer().snapshot.watching.breakpoints] == [
        "gain > 0 and held_out_gain < 1000"
    ]
    debugging.remove_breakpoint(state.trainer(), state.trainer().snapshot, "Ada", "gain > 0 and held_out_gain < 1000")


def test_inspect_walks_its_stages_with_its_own_descriptions(denoiser, browser):
    browser.open("pages/3_Inspect.py", run=denoiser)
    browser.click("next_stage").click("next_stage")
    assert "Put noise on the 8 images, up to a strength of 2." in browser.words
    assert "Add noise" in [element.value for element in browser.app.subheader]
    browser.click("finish_step")
    assert not browser.errors


def test_its_layers_are_probed_and_look_inside_shows_its_last_call(denoiser, browser):
    browser.open("pages/3_Inspect.py", run=denoiser, view="layers")
    assert "D is the denoiser." in browser.words
    browser.click("look_inside")
    captions = [each for image in browser.app.image for each in (img.caption for img in image.proto.imgs)]
    assert any("Input of the denoiser: sample 1, last of 12 calls" in caption.replace("\\", "") for caption in captions)


def test_its_film_strip_has_a_frame_for_every_grid(denoiser, browser):
    browser.open("pages/3_Inspect.py", run=denoiser, view="film")
    assert not browser.errors
    assert browser.app.image


def test_generate_draws_its_samples(denoiser, drawer, browser):
    browser.open("pages/4_Generate.py", run=denoiser)
    assert not browser.errors
    assert browser.app.image and "64 images from step" in browser.words


def test_the_workflow_page_shows_its_graph_its_form_and_its_layers(denoiser, drawer, browser, wait_for):
    browser.open("pages/1_Workflow.py", run=denoiser, node="denoiser")
    assert not browser.errors
    assert browser.app.number_input(key="field denoiser.channels").value == 4

    def layers():
        browser.look()
        return [frame for frame in browser.app.dataframe if "Multiply-adds" in frame.value.columns]

    wait_for(lambda: bool(layers()))
    table = layers()[0].value
    assert table["Layer"].tolist()[0].startswith("0") and table["Output"].tolist()[0] == "4×8×8"
    assert table["Parameters"].sum() == (1 * 25 + 1) * 4 + (4 * 25 + 1) * 4 + (4 * 25 + 1) * 1


def test_a_change_after_going_back_forks_its_run(denoiser, trainer, browser, wait_for):
    snapshot = trainer.snapshot
    debugging.back(trainer, snapshot, "Ada", 12)
    wait_for(lambda: trainer.snapshot.step == 12 and trainer.snapshot.state == "paused")
    training.set_live(trainer, trainer.snapshot, "Ada", "objective", "largest", 1.5)
    assert trainer.snapshot.run != denoiser
    browser.open("pages/2_Train.py", run=trainer.snapshot.run)
    assert "at step 12" in browser.words or any("at step 12" in button.label for button in browser.app.button)
