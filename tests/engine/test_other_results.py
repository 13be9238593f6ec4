"""Why the results of several processes may differ from those of one, in a sentence."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from pipeline.engine.other_results import other_results
from pipeline.graph.check import check
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.ranks.ranks import ALONE, Ranks
from pipeline.training.trainer import Trainer
from tests.nodes import plain_modules
from tests.ranks.cases import CASES

WORKFLOW = CASES["GAN, dropout"].workflow("Adam")
REPORT = check(WORKFLOW, NODES)
TWO = Ranks(0, 2)


class Mixing(nn.Module):
    """A custom layer."""

    def forward(self, values):
        return values - values.mean(0)


@pytest.fixture
def said(tmp_path):
    """What is said of two processes whose experiment was changed by `change`."""

    def say(change=lambda experiment: experiment, ranks=TWO):
        return other_results(Trainer.fresh(change(assemble(WORKFLOW, tmp_path, "cpu", ranks=ranks))), REPORT)

    return say


def with_layers(*layers):
    def change(experiment):
        network = nn.Sequential(experiment.networks["generator"], *layers)
        return replace(experiment, networks={**experiment.networks, "generator": network})

    return change


def test_nothing_is_said_where_nothing_differs_nor_of_a_single_process(said):
    assert said() == ""
    assert said(with_layers(Mixing(), nn.RReLU()), ALONE) == ""


def test_layers_and_their_network_are_named(said):
    assert said(with_layers(nn.RReLU(), Mixing())) == (
        "The results of 2 processes may differ from those of one by more than rounding: in the generator, 1 (RReLU) "
        "would need the images of all processes; in the generator, the custom code of 2 (Mixing) may mix the images of "
        "a batch or draw random numbers of its own."
    )
    assert "1 (RReLU), 2 (RReLU), 3 (RReLU), 4 (RReLU) and 2 more would" in said(
        with_layers(*(nn.RReLU() for _ in range(6)))
    )


def test_precision_and_the_random_numbers_of_another_device_are_reasons(tmp_path):
    trainer = Trainer.fresh(assemble(WORKFLOW, tmp_path, "cpu", ranks=TWO))
    settings = replace(trainer.experiment.settings, precision="bf16", device=torch.device("cuda"))
    trainer.experiment = replace(trainer.experiment, settings=settings)
    assert other_results(trainer, REPORT).endswith(
        "rounding: with bf16, each process rounds the gradients of its images to 8 bits before they are added up; "
        "dropout draws other random numbers on cuda."
    )


def test_custom_nodes_are_named(tmp_path):
    with plain_modules.loaded(tmp_path / "mine"):
        workflow = plain_modules.skipping()
        trainer = Trainer.fresh(assemble(workflow, tmp_path, "cpu", ranks=TWO))
        sentence = other_results(trainer, check(workflow, NODES))
    assert "custom nodes, Skipping (generator), may mix the images of a batch" in sentence
