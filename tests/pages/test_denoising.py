"""Models that make images in several steps, on the pages: the Denoising view, the options of the sampler, strips."""

import json
from io import BytesIO

import pytest
from PIL import Image

from pages.components.shell import state
from pipeline.errors.training import CommandRefused
from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages.drawing_commands import DrawPath
from pipeline.studio import sampling, workflows
from pipeline.studio.run import history, training
from pipeline.studio.sample_matrix import GAP, LABEL_WIDTH, path_png

INSPECT, GENERATE = "pages/3_Inspect.py", "pages/4_Generate.py"
SMALL = ("data.dataset=digits", "network.channels=8", "training.batch_size=8", "training.total_steps=1000000",
         "sampling.steps=4", "samples.count=4")  # fmt: skip


@pytest.fixture(scope="module")
def denoised(trainer, wait_for):
    """A paused run with two checkpoints, conditional on ten classes."""
    workflow = edit.apply_settings(workflows.open_template("flow"), SMALL, NODES)
    run = training.start(trainer, workflow, "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 5)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    assert len(history.checkpoint_steps(state.store(), run)) == 2
    return run


def pictures(browser):
    """The URLs of all pictures, which Streamlit derives from their bytes."""
    return [image.url for element in browser.app.image for image in element.proto.imgs]


def alternatives(browser):
    return [image.alt for element in browser.app.image for image in element.proto.imgs]


def views(browser, key):
    return next(control.options for control in browser.app.button_group if control.key == key)


def test_inspect_shows_the_way_to_images_with_and_without_guidance(denoised, browser):
    page = browser.open(INSPECT, run=denoised, view="path")
    assert "Without guidance" in page.words and "With guidance 3" in page.words
    assert len(pictures(page)) == 10 and "0.75" in page.words
    assert alternatives(page)[0] == "Images at t = 1.00, without guidance"
    assert alternatives(page)[-1] == "Images at t = 0.00, with guidance 3"
    assert page.is_drawn_in_no_time()
    page.app.number_input(key=f"path_guidance {denoised}").set_value(1.0)
    page.look()
    assert len(pictures(page)) == 5 and "With guidance" not in page.words


def test_moving_the_slider_shows_another_checkpoint_of_the_same_noise(denoised, browser, another_browser):
    page = browser.open(INSPECT, run=denoised, view="path")
    page.app.button_group(key="path_picture").set_value("noisy")
    newest = pictures(page.look())
    page.click("film_previous")
    oldest = pictures(page)
    assert page.app.query_params["step"] == "0"
    assert "Step 0." in page.words and oldest != newest
    link = another_browser.open(INSPECT, run=denoised, view="path", step="0")
    link.app.button_group(key="path_picture").set_value("noisy")
    assert pictures(link.look()) == oldest
    assert list(views(page, "inspect_view")) == ["Step", "Layers", "Denoising", "Film strip", "Profile"]


def test_a_model_that_makes_images_in_one_pass_has_no_denoising_view(run, browser, another_browser):
    page = browser.open(INSPECT, run=run, view="path")
    assert "Denoising" not in views(page, "inspect_view")
    assert "Next stage" in [button.label for button in page.app.button]
    other = another_browser.open(GENERATE, run=run)
    assert "Denoising" not in views(other, "generate_view")
    assert "draw_steps" not in " ".join(field.key or "" for field in other.app.number_input)


def test_a_run_without_a_checkpoint_says_what_to_do(denoised, browser):
    store = state.store()
    record = store.run(denoised)
    empty = store.create(
        name="new", workflow_text=record.workflow_text, device="cpu", seed=0, total_steps=1, batch_size=1,
        train_images=1, who="",
    )  # fmt: skip
    assert "This run has no checkpoint yet" in browser.open(INSPECT, run=empty.id, view="path").words


def test_generate_draws_with_other_settings_of_the_sampler(denoised, browser):
    page = browser.open(GENERATE, run=denoised)
    own = pictures(page)
    steps = page.app.number_input(key=f"draw_steps {denoised}")
    assert (steps.value, steps.min, steps.max) == (4, 1, 1000)
    steps.set_value(7)
    assert pictures(page.look()) != own
    page.app.number_input(key=f"draw_steps {denoised}").set_value(4)
    assert pictures(page.look()) == own
    page.app.selectbox(key=f"draw_sampler {denoised}").set_value("euler")
    assert pictures(page.look()) != own and not page.errors
    page.app.selectbox(key=f"draw_sampler {denoised}").set_value("heun")
    page.app.number_input(key=f"draw_guidance {denoised}").set_value(5.0)
    assert pictures(page.look()) != own and not page.errors


def test_generate_has_the_same_denoising_view(denoised, browser):
    page = browser.open(GENERATE, run=denoised)
    page.app.button_group(key="generate_view").set_value("path")
    page.look()
    assert len(pictures(page)) == 10 and "Without guidance" in page.words
    page.app.number_input(key="path_columns").set_value(2)
    assert len(pictures(page.look())) == 4


def test_a_strip_between_two_images_has_a_frame_for_each_share(denoised, browser):
    page = browser.open(GENERATE, run=denoised)
    page.app.button_group(key="generate_view").set_value("between")
    page.look()
    assert alternatives(page)[0].startswith("8 generated images from image 1 to image 2 of seed 0")
    assert "ddim has η = 0" in page.words
    page.app.number_input(key="between_last").set_value(1)
    assert "nothing between image 1 and itself" in page.look().errors


def test_the_view_that_another_run_lacks_is_left(denoised, run, browser):
    page = browser.open(GENERATE, run=denoised)
    page.app.button_group(key="generate_view").set_value("path")
    page.look()
    page.app.selectbox(key="picked_run").set_value(run)
    page.look()
    assert page.app.button_group(key="generate_view").value == "grid" and "64 images from step" in page.words


def test_a_stopped_drawing_offers_to_draw_again(denoised, browser, monkeypatch):
    stopped = CommandRefused("ReadingStopped", "Stopped while drawing images (0 of 16 done).", 130)
    draw = sampling.draw

    def refuse(*given):
        raise stopped

    monkeypatch.setattr(sampling, "draw", refuse)
    page = browser.open(GENERATE, run=denoised)
    page.app.number_input(key="draw_seed").set_value(77)
    page.look()
    assert "Drawing was stopped" in page.words and not pictures(page)
    assert not pictures(page.look())
    monkeypatch.setattr(sampling, "draw", draw)
    page.click("draw_again ")
    assert pictures(page) and "Drawing was stopped" not in page.words


def test_the_download_has_all_pictures_their_labels_and_the_settings(denoised, drawer):
    step = history.checkpoint_steps(state.store(), denoised)[0]
    command = DrawPath(run=denoised, step=step, rows=2, columns=3, picture="noisy", seed=0, settings={"steps": 2})
    answer = sampling.draw(drawer, command)
    moments = [(each.label, each.png) for each in answer.moments]
    with Image.open(BytesIO(path_png([("Without", moments), ("With", moments)]))) as sheet:
        with Image.open(BytesIO(moments[0][1])) as cell:
            assert sheet.width == LABEL_WIDTH + 3 * (cell.width + GAP) and sheet.height > 2 * cell.height
        facts = json.loads(sheet.info["training"])
        assert facts["moments"] == ["t = 1.00", "t = 0.50", "t = 0.00"] and "moment" not in facts
        assert (facts["steps"], facts["sampler"], facts["seed"]) == (2, "heun", 0) and sheet.info["prompt"]
