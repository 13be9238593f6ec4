"""A loop by hand trains what the Trainer trains, so that comparing their speed is fair."""

from pathlib import Path

import pytest
import torch

from pipeline.bench.loops import autoencoder, diffusion, gan, opened
from pipeline.bench.templates import OTHERS, Template
from pipeline.graph.edit import apply_settings
from pipeline.nodes.catalogue import NODES
from pipeline.training.state import TrainState
from tests.recorded.record_templates import quick

pytestmark = pytest.mark.usefixtures("one_thread")

STEPS = 3
LOOPS = {"gan": gan, "autoencoder": autoencoder, "diffusion": diffusion}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("mlp-gan", ()),
        ("mlp-gan", ("training.reuse_images=false",)),
        ("conditional-dcgan", ("training.reuse_images=true",)),
        ("wgan-gp", ()),
        ("wgan-gp", ("training.reuse_images=true",)),
        ("r3gan", ()),
        ("r3gan", ("training.reuse_images=true", "generator.classes=10")),
        ("vae", ()),
        ("ddpm", ()),
        ("latent-diffusion", ()),
    ],
)
def test_a_loop_by_hand_trains_bit_for_bit_what_the_trainer_trains(name, more, data, monkeypatch):
    template = OTHERS.get(name, Template())
    workflow = apply_settings(quick(name), (*template.settings, *more), NODES)
    built = opened.opened(workflow, data, template.first, "cpu")
    trainer = built.trainer()
    trainer.slice(STEPS, seconds=600)
    made: list[TrainState] = []
    monkeypatch.setattr(opened.Opened, "state", kept_in(made, opened.Opened.state))
    LOOPS[template.family].by_hand(built)(STEPS)
    assert len(made) == 1
    for ours, by_hand in ((trainer.state.networks, made[0].networks), (trainer.state.averages, made[0].averages)):
        assert ours.keys() == by_hand.keys()
        for role in ours:
            assert_equal(ours[role].state_dict(), by_hand[role].state_dict())


def kept_in(made, state):
    def keep(self):
        made.append(state(self))
        return made[-1]

    return keep


def assert_equal(ours, by_hand) -> None:
    assert ours.keys() == by_hand.keys()
    assert [name for name in ours if not torch.equal(ours[name], by_hand[name])] == []
