"""What a training node has built is held against its declaration before a step is done."""

from dataclasses import replace

import pytest
from torch import nn

from pipeline.nodes.assemble import assemble
from pipeline.nodes.checked_workflow import checked
from pipeline.nodes.declaration_check import fault_of
from pipeline.training.stages import Operation, Update


@pytest.fixture
def built(small, tmp_path):
    """An experiment of a small GAN, and what was checked of it."""
    workflow = small("mlp-gan")
    return assemble(workflow, tmp_path), checked(workflow).trained


def test_what_the_built_in_families_build_agrees(built):
    assert fault_of(*built) == ""


CHANGES = {
    "a network of another family": (
        lambda e: {"networks": {**e.networks, "painter": nn.Linear(1, 1)}},
        "it trains the network 'painter', and its family's are discriminator and generator.",
    ),
    "no network": (
        lambda e: {"networks": {**e.networks, "generator": 3}},
        "its generator is of the type int, which is no torch.nn.Module.",
    ),
    "nobody's network": (lambda e: {"nodes": {}}, "it does not say whose network its "),
    "a network that a sampler needs": (
        lambda e: {"networks": {"discriminator": e.networks["discriminator"]}, "optimizers": {}, "averaged": ()},
        "needs the network 'generator', and it trains discriminator.",
    ),
    "an average of nothing": (lambda e: {"averaged": ("painter",)}, "an average needs the network 'painter'"),
    "updates of other names": (
        lambda e: {"updates": (replace(e.updates[0], name="judge"), e.updates[1])},
        "its updates and their counters are judge (d_updates) and generator (g_updates), and its family's "
        "discriminator (d_updates) and generator (g_updates).",
    ),
    "no updates": (lambda e: {"updates": ()}, "its updates and their counters are none, and its family's"),
    "an update that does nothing": (
        lambda e: {"updates": (Update("discriminator", "d_updates", ()), e.updates[1])},
        "its update 'discriminator' has no operations.",
    ),
    "a stage of nobody": (
        lambda e: {"updates": (replace(e.updates[0], operations=(Operation("paint", "x", print),)), e.updates[1])},
        "its stage 'paint' belongs to no node that it depends on, but to 'x'.",
    ),
    "a stage without a name": (
        lambda e: {"updates": (replace(e.updates[0], operations=(Operation(5, "training", print),)), e.updates[1])},
        "a stage of its update 'discriminator' has a name or a formula that is no text.",
    ),
    "one operation twice": (
        lambda e: {"updates": (replace(e.updates[0], operations=2 * e.updates[0].operations), e.updates[1])},
        "its update 'discriminator' has an operation twice",
    ),
    "other series": (
        lambda e: {"series": (*e.series, "x")},
        "G_grad_norm and x, and those it declares D_loss, G_loss",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_differs_is_said(built, change):
    experiment, found = built
    changes, sentence = CHANGES[change]
    assert sentence in fault_of(replace(experiment, **changes(experiment)), found)


def test_what_is_no_experiment_is_said(built):
    assert fault_of(None, built[1]) == "its build gives NoneType, not an Experiment."
