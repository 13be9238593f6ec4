"""The debugger in a run with phases: conditions across the boundary, and what is told about a value that is not
finite."""

import re

import pytest
import torch

from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages.commands import Chunk, Run, SetWatching
from pipeline.studio import workflows
from tests.engine.conftest import breakpoints

FIRST = 4
SMALL = (
    "data.dataset=digits", "decoder.image_size=8", "noise.dim=16", "encoder.base_channels=4", "decoder.base_channels=4",
    "network.channels=8", "training.batch_size=8", f"training.autoencoder_steps={FIRST}", "training.total_steps=40",
    "samples.count=4", "samples.every=3", "sampling.steps=2",
)  # fmt: skip


@pytest.fixture
def latent(bench):
    bench.start(edit.apply_settings(workflows.open_template("latent-diffusion"), SMALL, NODES))
    return bench


@pytest.mark.parametrize(
    ("condition", "step"),
    [("not denoising_loss < 0", FIRST + 1), ("mean(denoising_loss, 50) > 0", FIRST + 1), ("loss_000_025 > 0", 6)],
)
def test_a_breakpoint_on_the_next_phase_stops_where_it_has_a_value(latent, condition, step):
    latent.ask(SetWatching, watching=breakpoints(condition))
    latent.ask(Run)
    latent.go_on()
    assert (latent.snapshot.stop_kind, latent.snapshot.step) == ("breakpoint", step)
    assert condition in latent.snapshot.stopped and "nan" not in latent.snapshot.stopped


def test_metrics_of_the_last_step_are_those_of_its_phase(latent):
    latent.chunk(FIRST)
    assert "loss" in latent.snapshot.metrics and "denoising_loss" not in latent.snapshot.metrics
    latent.chunk(1)
    assert "loss" not in latent.snapshot.metrics and "denoising_loss" in latent.snapshot.metrics


def test_a_loss_that_is_not_finite_names_the_image_of_the_batch_and_its_time(latent):
    latent.chunk(FIRST + 2)

    def spoil(module, inputs, output):
        spoilt = output.clone()
        spoilt[2] = torch.nan
        return spoilt

    latent.run.trainer.state.networks["denoiser"].register_forward_hook(spoil)
    latent.ask(Chunk, steps=2)
    latent.go_on()
    assert latent.snapshot.stop_kind == "not finite"
    assert re.search(
        r"predicted, in the stage 'predict' of the denoiser's update\. It came from training image [\d,]+ "
        r"\(image 3 of the batch, at time 0\.\d+\)\.",
        latent.snapshot.stopped,
    )
