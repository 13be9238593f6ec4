import pytest

from pipeline.conditions.expression import parse
from pipeline.graph import document, edit
from pipeline.graph.node import Link
from pipeline.nodes.catalogue import NODES
from pipeline.runs.series import names_of
from pipeline.studio import workflows
from pipeline.studio.family import RunFamily, family_of


def family(name):
    return family_of(document.write(workflows.open_template(name)))


def test_a_gan_has_two_updates_and_draws_samples_from_noise():
    found = family("dcgan")
    assert [(each.name, each.counter) for each in found.updates] == [
        ("discriminator", "d_updates"),
        ("generator", "g_updates"),
    ]
    assert found.networks == {"discriminator": True, "generator": False}
    assert list(found.networks) == ["discriminator", "generator"]
    assert (found.grid, found.encodes, found.caution(5)) == ("samples", False, "")
    assert found.scorer == "discriminator"


@pytest.mark.parametrize(("name", "grid"), [("autoencoder", "reconstructions"), ("vae", "samples")])
def test_an_autoencoder_has_codes_and_a_single_update(name, grid):
    found = family(name)
    assert found.updates == ()
    assert found.networks == {"encoder": True, "decoder": False}
    assert (found.grid, found.encodes) == (grid, True)
    assert found.scorer == ""


def test_only_an_autoencoder_without_a_prior_has_a_caution_about_noise():
    assert "not been trained to decode noise" in family("autoencoder").caution(5)
    assert family("vae").caution(5) == ""


@pytest.mark.parametrize("template", [template.name for template in workflows.templates()])
def test_the_example_expressions_are_valid_for_every_run_of_the_family(template):
    found = family(template)
    names = names_of(workflows.series_of(document.write(workflows.open_template(template))))
    assert parse(found.example, names).is_condition
    assert not parse(found.watch, names).is_condition


def test_classes_can_be_requested_from_a_conditional_generator():
    assert family("conditional-dcgan").asked == tuple("0123456789")
    assert family("dcgan").asked == ()


def test_networks_that_are_not_trained_are_not_listed():
    workflow, stray = edit.add_node(workflows.open_template("vae"), "MLPGenerator", NODES)
    workflow = edit.connect(workflow, stray, "noise", Link("noise"))
    assert family_of(document.write(workflow)).networks == {"encoder": True, "decoder": False}


def test_an_invalid_workflow_has_no_family():
    assert family_of('{"format_version": 1, "name": "x", "prompt": {}}') == RunFamily()
