"""Latent diffusion workflows that train in milliseconds a step: digits of 8×8 pixels, latents of 2×2×2."""

from dataclasses import replace

from pipeline.graph import edit
from pipeline.graph.workflow import NodeData, Workflow
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


def small_autoencoder(*settings: str) -> Workflow:
    """The autoencoder of `small_latent` alone."""
    workflow = small_latent()
    nodes = {
        name: workflow.nodes[name]
        for name in ("data", "noise", "encoder", "decoder", "coding", "encoder_optimizer", "decoder_optimizer")
    }
    links = {name: [name, 0] for name in ("encoder_optimizer", "decoder_optimizer")}
    numbers = {"batch_size": 8, "total_steps": 20, "ema_halflife_images": 100}
    nodes["training"] = NodeData("AutoencoderTraining", {"objective": ["coding", 0], **links, **numbers})
    return edit.apply_settings(Workflow("small-autoencoder", nodes), settings, NODES)


def small_on_trained(run: str, *settings: str) -> Workflow:
    """`small_latent` on the latents of a trained autoencoder."""
    workflow = small_latent()
    nodes = {
        name: workflow.nodes[name] for name in ("data", "sampling", "network", "objective", "optimizer", "samples")
    }
    nodes["autoencoder"] = NodeData("TrainedAutoencoder", {"images": ["data", 0], "run": run})
    network = nodes["network"]
    nodes["network"] = replace(network, inputs={**network.inputs, "images": ["autoencoder", 0]})
    links = {name: [name, 0] for name in ("objective", "optimizer", "sampling")}
    numbers = {"batch_size": 8, "total_steps": 20, "ema_halflife_images": 100}
    nodes["training"] = NodeData("DiffusionTraining", {**links, **numbers})
    return edit.apply_settings(Workflow("on-trained", nodes), settings, NODES)
