"""Autoencoders on the pages: each page shows what this family has."""

import json

import pytest

from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows
from pipeline.studio.run import debugging, training

INSPECT, TRAIN, GENERATE = "pages/3_Inspect.py", "pages/2_Train.py", "pages/4_Generate.py"
SMALL = ("data.dataset=digits", "decoder.image_size=8", "training.batch_size=8", "samples.count=4",
         "training.total_steps=1000000", "noise.dim=4")  # fmt: skip


@pytest.fixture
def start(trainer, wait_for):
    """`start("vae")`: the id of a paused run of this template on small digits."""

    def begin(name):
        workflow = edit.apply_settings(workflows.open_template(name), SMALL, NODES)
        run = training.start(trainer, workflow, "Ada", switch=True)
        wait_for(lambda: trainer.snapshot.step > 5)
        training.pause(trainer, trainer.snapshot, "Ada")
        wait_for(lambda: trainer.snapshot.state == "paused")
        return run

    return begin


def pictures(browser):
    return [image for element in browser.app.image for image in element.proto.imgs]


def titles(browser):
    return [json.loads(chart.proto.spec)["title"]["text"] for chart in browser.app.get("vega_lite_chart")]


def views(browser):
    return next(control.options for control in browser.app.button_group if control.key == "inspect_view")


@pytest.mark.parametrize("name", ["autoencoder", "vae"])
def test_the_codes_view_shows_reconstructions_with_errors_and_a_scatter_plot(start, browser, name):
    run = start(name)
    page = browser.open(INSPECT, run=run, view="codes")
    assert "Held-out images" in page.words and "Training images" in page.words
    shown = pictures(page)
    assert len(shown) == 20
    assert all(0 < float(image.caption) < 2 for image in shown)
    assert "Codes by class" in titles(page)
    assert "unit " in page.words
    page.app.button_group(key="codes_plane").set_value("components")
    assert "first component" in page.look().words
    assert page.is_drawn_in_no_time()


def test_a_gan_has_no_codes_view(run, browser):
    page = browser.open(INSPECT, run=run, view="codes")
    assert "Next stage" in [button.label for button in page.app.button]
    assert "Held-out images" not in page.words


def test_train_charts_the_loss_terms_and_has_no_button_for_one_network(start, browser, trainer):
    run = start("vae")
    page = browser.open(TRAIN, run=run)
    charts = titles(page)
    assert {"Loss", "Reconstruction", "KL divergence", "Gradient norm"} <= set(charts)
    keys = {button.key for button in page.app.button}
    assert not keys & {"only_discriminator", "only_generator"}
    assert "Samples" in page.words


def test_a_plain_autoencoders_grid_is_called_reconstructions(start, browser):
    page = browser.open(TRAIN, run=start("autoencoder"))
    assert "Reconstructions" in page.words and "Originals" in page.words
    assert "Of held-out images after" in page.words


def test_a_walk_through_a_step_shows_codes_and_reconstructions(start, browser, trainer):
    run = start("vae")
    page = browser.open(INSPECT, run=run)
    told = []
    for _ in range(8):
        page.click("next_stage")
        told.append(page.words)
    assert "The encoder computed a code for each of the 8 images (4 numbers each" in told[1]
    assert "Sampled one code for each image" in told[2]
    assert "reconstructed images of this batch" in told[3]
    assert "from the KL term" in told[4]
    assert "for the weights of the encoder and the decoder" in told[5]
    assert "the weights of the encoder by" in told[6] and "the weights of the decoder by" in told[7]


def test_codes_are_not_shown_in_the_middle_of_a_step(start, browser, trainer):
    run = start("vae")
    debugging.next_stage(trainer, trainer.snapshot, "Ada")
    page = browser.open(INSPECT, run=run, view="codes")
    assert "The run is in the middle of a step. Press Finish step" in page.words
    assert not pictures(page)
    assert trainer.snapshot.stage.number == 1


def test_look_inside_works_for_the_encoder(start, browser):
    page = browser.open(INSPECT, run=start("vae"), view="layers")
    page.click("look_inside")
    assert page.app.button_group(key="inside_role encoder decoder").value == "encoder"
    assert any("Input of the encoder: fake image 1" in image.caption.replace("\\", "") for image in pictures(page))


@pytest.mark.parametrize(("name", "cautious"), [("autoencoder", True), ("vae", False)])
def test_images_generated_by_a_plain_autoencoder_come_with_a_caution(start, browser, trainer, name, cautious):
    start(name)
    training.save_checkpoint(trainer, trainer.snapshot, "Ada")
    page = browser.open(GENERATE)
    said = " ".join(element.value for element in page.app.info)
    assert ("not been trained to decode noise" in said) == cautious
    assert len(pictures(page)) == 1
