"""What a training node builds is compared with its declaration before the first step."""

from dataclasses import replace

import pytest
from torch import nn

from pipeline.nodes.assemble import assemble
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.nodes.declaration_check import declaration_fault
from pipeline.training.stages import Operation, Update


@pytest.fixture
def built(small, tmp_path):
    """The experiment of a small GAN, and the checked part of its workflow."""
    workflow = small("mlp-gan")
    return assemble(workflow, tmp_path), check_workflow(workflow).trained


def test_what_a_built_in_family_builds_agrees_with_its_declaration(built):
    assert declaration_fault(*built) == ""


CHANGES = {
    "a network of another family": (
        lambda e: {"networks": {**e.networks, "painter": nn.Linear(1, 1)}},
        "it trains the network 'painter', but its family has discriminator and generator.",
    ),
    "no network": (
        lambda e: {"networks": {**e.networks, "generator": 3}},
        "its generator is of the type int, which is not a torch.nn.Module.",
    ),
    "a network without a node": (lambda e: {"nodes": {}}, "it does not name the node of its "),
    "a network that a sampler needs": (
        lambda e: {"networks": {"discriminator": e.networks["discriminator"]}, "optimizers": {}, "averaged": ()},
        "needs the network 'generator', but it trains discriminator.",
    ),
    "an average of nothing": (lambda e: {"averaged": ("painter",)}, "an average needs the network 'painter'"),
    "updates of other names": (
        lambda e: {"updates": (replace(e.updates[0], name="judge"), e.updates[1])},
        "its updates and their counters are judge (d_updates) and generator (g_updates), but its family declares "
        "discriminator (d_updates) and generator (g_updates).",
    ),
    "no updates": (lambda e: {"updates": ()}, "its updates and their counters are none, but its family"),
    "an update that does nothing": (
        lambda e: {"updates": (Update("discriminator", "d_updates", ()), e.updates[1])},
        "its update 'discriminator' has no operations.",
    ),
    "a stage of an unknown node": (
        lambda e: {"updates": (replace(e.updates[0], operations=(Operation("paint", "x", print),)), e.updates[1])},
        "its stage 'paint' belongs to 'x', which training does not depend on.",
    ),
    "a stage without a name": (
        lambda e: {"updates": (replace(e.updates[0], operations=(Operation(5, "training", print),)), e.updates[1])},
        "a stage of its update 'discriminator' has a name or a formula that is not a string.",
    ),
    "one operation twice": (
        lambda e: {"updates": (replace(e.updates[0], operations=2 * e.updates[0].operations), e.updates[1])},
        "its update 'discriminator' has an operation twice",
    ),
    "other series": (
        lambda e: {"series": (*e.series, "x")},
        "G_grad_norm and x, but it declares D_loss, G_loss",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_difference_is_described(built, change):
    experiment, found = built
    changes, sentence = CHANGES[change]
    assert sentence in declaration_fault(replace(experiment, **changes(experiment)), found)


def test_a_build_that_returns_no_experiment_is_refused(built):
    assert declaration_fault(None, built[1]) == "its build() returns NoneType, not an Experiment."
