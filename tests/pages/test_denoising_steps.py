"""The Step view in a step of latent diffusion: pictures of each image row by row, its time, its loss."""

import json

import pytest

from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows
from pipeline.studio.run import training

SMALL = (
    "data.dataset=digits", "decoder.image_size=8", "noise.dim=16", "encoder.base_channels=4", "decoder.base_channels=4",
    "network.channels=8", "training.batch_size=8", "training.autoencoder_steps=2", "training.total_steps=1000000",
    "samples.count=4", "samples.every=1000", "sampling.steps=2",
)  # fmt: skip


@pytest.fixture
def page(trainer, browser, wait_for):
    """The Inspect page with a run paused in its second phase."""
    workflow = edit.apply_settings(workflows.open_template("latent-diffusion"), SMALL, NODES)
    run = training.start(trainer, workflow, "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 3)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    return browser.open("pages/3_Inspect.py", run=run)


def pictures(browser):
    return [image for element in browser.app.image for image in element.proto.imgs]


def titles(browser):
    return [json.loads(chart.proto.spec)["title"]["text"] for chart in browser.app.get("vega_lite_chart")]


def walk(browser, count):
    for _ in range(count):
        browser.click("next_stage")
        assert not browser.errors
    return browser


def test_a_step_of_the_denoiser_shows_its_latents_times_predictions_and_losses(page):
    walk(page, 2)
    assert "Took the latent of each of the 8 images" in page.words
    for title in ("Image", "Latent, in false colours", "Latent, decoded"):
        assert f":small[{title}]" in page.words
    # Seven images fit in a row; the eighth is left out, as in every row.
    assert [image.alt for image in pictures(page)][7] == "Image 1: latent, in false colours"
    assert len(pictures(page)) == 21 and "The first 7 of 8 images of this batch" in page.words
    walk(page, 2)
    assert "Drew a time t" in page.words and titles(page) == ["Histogram of each image's time"]
    times = [image.caption for image in pictures(page)]
    walk(page, 3)
    assert [image.caption for image in pictures(page)][-7:] == times[:7]
    assert ":small[Estimate of the image, decoded]" in page.words
    walk(page, 1)
    assert titles(page) == ["Loss by time: a dot for each image"]
    (table,) = [each.value for each in page.app.dataframe if "Image" in each.value]
    assert list(table) == ["Image", "time", "loss", "error", "weight", "SNR"] and len(table) == 8
    assert "the mean of the losses of the 8 images" in page.words and "finished its stage" not in page.words
    assert [image.caption.replace("\\", "") for image in pictures(page)][-7:] == [
        f"{loss:.3f}" for loss in table["loss"][:7]
    ]
