"""What pages say of a run's images, in the command line's words; a choice when they have changed; drawing without."""

import shutil

import numpy as np
import pytest
from PIL import Image

from pipeline.graph import edit
from pipeline.graph.workflow import NodeData
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.run_data import training_findings
from pipeline.runs.store import Store
from pipeline.studio import workflows
from pipeline.studio.run import training
from tests.pages.data_page import DATA, settled

LINE = "Read 30 of 31 images in 3 classes: 27 for training, 3 held out; 1 left out (next to the class folders)."
SIZES = (
    "generator.image_size=8", "generator.hidden=16,16", "discriminator.hidden=16,16", "training.batch_size=8",
    "training.total_steps=1000000", "samples.count=4",
)  # fmt: skip


def save(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 8), dtype=np.uint8)).save(path)


@pytest.fixture
def photos(tmp_path):
    for label, name in enumerate(("bee", "cat", "dog")):
        for number in range(10):
            save(tmp_path / "photos" / name / f"{number}.png", 100 * label + number)
    save(tmp_path / "photos" / "loose.png", 999)
    return tmp_path / "photos"


@pytest.fixture
def workflow(photos):
    data = NodeData("ImageFiles", {"source": str(photos), "image_size": 8})
    return edit.apply_settings(edit.replace_node(workflows.open_template("mlp-gan"), "data", data), SIZES, NODES)


@pytest.fixture
def stored(trainer, workflow, small, wait_for):
    """A run of these images that is stored, while another one is loaded and paused."""
    run = training.start(trainer, workflow, "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 2)
    other = training.start(trainer, small(), "Ada", switch=True)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused" and trainer.snapshot.run == other)
    return run


def test_every_page_says_the_same_of_a_set(trainer, drawer, stored, shared_home, browser):
    with Store(shared_home) as store:
        found = training_findings(store.run(stored).data)
    assert found is not None and found.line == LINE
    assert LINE in browser.open("pages/2_Train.py", run=stored).words
    assert LINE in browser.open("pages/1_Workflow.py", run=stored).words
    # The Data page begins with the workflow's data.
    assert LINE in settled(browser.open(DATA)).words


def test_changed_images_are_refused_on_resume_and_taken_by_a_button(trainer, stored, photos, browser, wait_for):
    (photos / "bee").rename(photos / "ant")
    browser.open("pages/2_Train.py", run=stored).click("run")
    assert "label 0 was bee and is ant" in browser.words
    assert trainer.snapshot.run != stored
    browser.click("keep_data")
    assert "label 0" not in browser.words
    browser.click("run")
    browser.click("accept_data")
    wait_for(lambda: trainer.snapshot.run == stored and trainer.snapshot.state == "running")
    training.pause(trainer, trainer.snapshot, "Ada")
    assert LINE in browser.open("Home.py").words
    browser.open("pages/2_Train.py", run=stored)
    told = browser.look().table("What")["What"]
    assert any(text.startswith("Other images taken, as asked: label 0 was bee and is ant.") for text in told)


def test_a_run_is_shown_and_drawn_from_without_its_images(trainer, drawer, stored, photos, browser):
    shutil.rmtree(photos)
    workflows.checked_as_recorded.cache_clear()
    browser.open("pages/4_Generate.py", run=stored)
    assert browser.errors == "" and "64 images from step" in browser.words
    browser.open("pages/3_Inspect.py", run=stored, view="film")
    assert browser.errors == ""
    browser.open("pages/2_Train.py", run=stored).click("run")
    assert "there is no such file or folder" in browser.errors
