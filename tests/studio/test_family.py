import pytest

from pipeline.graph import document, edit
from pipeline.graph.workflow import Link
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows
from pipeline.studio.family import Family, family_of


def family(name):
    return family_of(document.write(workflows.open_template(name)))


def test_a_game_has_two_updates_and_samples_of_noise():
    found = family("dcgan")
    assert found.updates == ("discriminator", "generator")
    assert found.networks == {"discriminator": True, "generator": False}
    assert list(found.networks) == ["discriminator", "generator"]
    assert (found.grid, found.encodes, found.caution) == ("samples", False, "")


@pytest.mark.parametrize(("name", "grid"), [("autoencoder", "reconstructions"), ("vae", "samples")])
def test_an_autoencoder_has_one_update_and_codes(name, grid):
    found = family(name)
    assert found.updates == ("autoencoder",)
    assert found.networks == {"encoder": True, "decoder": False}
    assert (found.grid, found.encodes) == (grid, True)


def test_only_of_an_autoencoder_without_a_prior_it_is_said_that_noise_was_not_trained_for():
    assert "not been trained to decode noise" in family("autoencoder").caution
    assert family("vae").caution == ""


def test_a_network_that_is_not_trained_is_not_one_of_the_run():
    workflow, stray = edit.add_node(workflows.open_template("vae"), "MLPGenerator", NODES)
    workflow = edit.connect(workflow, stray, "noise", Link("noise"))
    assert family_of(document.write(workflow)).networks == {"encoder": True, "decoder": False}


def test_of_a_workflow_that_is_not_sound_nothing_is_known():
    assert family_of('{"format_version": 1, "name": "x", "prompt": {}}') == Family()
