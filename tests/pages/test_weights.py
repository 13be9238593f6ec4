"""Starting a run from the weights of a file, on the Workflow page."""

import pytest
import torch

from pages.components.shell import state
from pipeline.models import mlp
from pipeline.models.build import build_network
from pipeline.studio import workflows

TRAIN, WORKFLOW = "pages/2_Train.py", "pages/1_Workflow.py"


@pytest.fixture
def page(trainer, drawer, shared_home, small, browser):
    """The Workflow page with a small GAN and the dialog open."""
    workflows.save(shared_home, small("discriminator.hidden=12"), "tiny", replacing=True)
    open_menu(browser.open(WORKFLOW)).click("saved tiny")
    return open_menu(browser).click("start_from_weights")


def open_menu(browser):
    browser.app.session_state.open_menu = True
    return browser.look()


@pytest.fixture
def weights(tmp_path):
    """A file with the weights of a generator of the same shapes."""
    network = build_network(mlp.generator_plan(100, (1, 8, 8), (16, 16)), 3)
    torch.save({"state_dict": network.state_dict()}, tmp_path / "generator.pth")
    return tmp_path / "generator.pth"


def name_file(page, path):
    page.app.text_input(key="weights_path").set_value(str(path))
    return page.look()


def test_the_dialog_shows_what_fits_and_starts_the_run_with_it(page, weights, trainer, wait_for):
    assert not page.has("weights_start")
    name_file(page, weights)
    (table,) = [each.value for each in page.app.code]
    assert table.splitlines() == [
        "generator: 6 of 6 tensors from the file",
        "discriminator: none of 4 tensors from the file",
    ]
    assert "as initialised: 4 tensors of the discriminator" in page.words
    page.click("weights_start")
    assert "Step" in [metric.label for metric in page.app.metric], "not led to Train"
    (event,) = [each for each in state.store().events(trainer.snapshot.run) if each.kind == "weights loaded"]
    assert event.text.startswith("Began with 6 tensors of generator.pth") and event.data["table"] == table.splitlines()


def test_a_file_that_cannot_be_used_says_why_and_starts_nothing(page, weights, tmp_path):
    name_file(page, tmp_path)
    assert "it is a folder" in page.errors and not page.has("weights_start")
    torch.save({"conv.weight": torch.ones(2)}, tmp_path / "other.pth")
    name_file(page, tmp_path / "other.pth")
    assert "such as conv.weight, have other names" in page.errors and not page.has("weights_start")
    name_file(page, weights)
    page.app.selectbox(key="weights_network").set_value("discriminator")
    page.look()
    assert "in the file and" in page.errors and not page.has("weights_start")
