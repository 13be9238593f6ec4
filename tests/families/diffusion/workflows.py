"""A latent diffusion workflow that trains in milliseconds a step: digits of 8×8 pixels, latents of 2×2×2."""

from pipeline.graph import edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template

AUTOENCODER_STEPS = 6
IMAGES = 1_797
"""Digits, held-out ones included."""
SETTINGS = (
    "data.dataset=digits", "noise.dim=8", "encoder.code_channels=2", "encoder.base_channels=4",
    "decoder.code_channels=2", "decoder.base_channels=4", "decoder.image_size=8", "network.channels=8",
    "sampling.steps=2", "training.batch_size=8", f"training.autoencoder_steps={AUTOENCODER_STEPS}",
    "training.total_steps=20", "samples.count=4", "samples.every=4",
)  # fmt: skip


def small_latent(*settings: str) -> Workflow:
    """The template of latent diffusion with tiny networks, changed by `NODE.PARAMETER=VALUE`."""
    return edit.apply_settings(open_template("latent-diffusion"), [*SETTINGS, *settings], NODES)
