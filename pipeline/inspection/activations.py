"""What each layer of a network makes of one image, or of one latent, as small pictures.

One scale a layer: middle grey is 0, white the largest magnitude, black the same with a minus.
"""

from contextlib import ExitStack
from math import ceil

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.errors.machine import UnusableValue
from pipeline.inspection.chosen import Look, as_look, chosen_image, chosen_label, chosen_latent
from pipeline.inspection.layers import layers
from pipeline.inspection.scoring import told
from pipeline.training.adversarial import DISCRIMINATOR
from pipeline.training.drawing import at_rest
from pipeline.training.trainer import Trainer
from pipeline.wording import number as in_words

MOST_CHANNELS = 16
STRIP = 64
"""Units in one row of a strip."""


@torch.no_grad()
def layer_outputs(network: nn.Module, *inputs: Tensor) -> dict[str, Tensor]:
    """Name -> what each layer returns for `inputs`, in eval mode, in the order in which they are called."""
    outputs: dict[str, Tensor] = {}

    def keep(name: str, output: object) -> None:
        if isinstance(output, Tensor):
            # Copied: the next layer may work in place.
            outputs[name] = output.float().clone()

    with at_rest(network), ExitStack() as hooks:
        for name, module in layers(network):
            handle = module.register_forward_hook(lambda module, inputs, output, name=name: keep(name, output))
            hooks.callback(handle.remove)
        network(*inputs)
    return outputs


def activation_looks(trainer: Trainer, role: str, source: str, number: int) -> tuple[Look, ...]:
    """What goes in, then every layer. The network that makes images is given a latent, and any other one an image.

    source: of the image, "real", "held-out" or "fake". number: of the image or latent, from 1. Raises UnusableValue.
    """
    networks = trainer.state.networks
    if role not in networks:
        raise UnusableValue(f"There is no network {role!r}: choose {' or '.join(networks)}.")
    if role == trainer.experiment.sampled:
        inputs = chosen_latent(trainer, number)
        first = layer_look(f"Into the {role}: {'code' if trainer.experiment.coding else 'noise'}", inputs[0])
    else:
        inputs = chosen_image(trainer, source, number)
        first = as_look(f"Into the {role}: {source} image {number}", inputs)
    network = networks[role]
    labels = told(trainer.experiment, chosen_label(trainer, source, number)) if role == DISCRIMINATOR else ()
    outputs = layer_outputs(network, inputs, *labels)
    return (first, *(layer_look(name, output[0]) for name, output in outputs.items()))


def layer_look(name: str, output: Tensor) -> Look:
    """output: (C, H, W) -> a tile for each of the first channels; any other shape -> a strip of its numbers."""
    values = output.cpu().numpy()
    shown = values[:MOST_CHANNELS] if values.ndim == 3 else _strip(values.reshape(-1))[None]
    finite = shown[np.isfinite(shown)]
    peak = float(np.abs(finite).max(initial=0.0))
    shades = np.nan_to_num(shown, nan=0.0, posinf=peak, neginf=-peak) / (peak or 1.0)
    pixels = np.round(127.5 + 127.5 * shades).astype(np.uint8)[..., None]
    return Look(f"{name}: {_extent(values)}, white is {in_words(peak)}", pixels)


def _strip(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) -> (rows, STRIP), the last row filled up with zeros; a single row is as long as it needs to be."""
    width = min(STRIP, max(1, len(values)))
    rows = max(1, ceil(len(values) / width))
    return np.pad(values, (0, rows * width - len(values))).reshape(rows, width)


def _extent(values: NDArray[np.float32]) -> str:
    if values.ndim != 3:
        return f"{values.size:,} unit{'s' if values.size != 1 else ''}"
    channels, height, width = values.shape
    drawn = f"{MOST_CHANNELS} of {channels:,}" if channels > MOST_CHANNELS else str(channels)
    return f"{height}×{width}, {drawn} channel{'s' if channels != 1 else ''}"
