"""The activations of every layer of a network for one image or one latent, as small images.

Each layer has its own scale: middle grey is 0, white is the largest magnitude, black is minus the largest magnitude.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import ceil

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.errors.machine import UnusableValue
from pipeline.formatting import number as in_words
from pipeline.inspection.layers import layers
from pipeline.inspection.selected_input import LabelledImages, chosen_image, chosen_latent, labelled_images
from pipeline.training.inference import eval_mode
from pipeline.training.trainer import Trainer

MOST_CHANNELS = 16
STRIP = 64
"""Units per row, for outputs that are not feature maps."""


class Pass:
    """The last call of a network.

    calls: number of calls. input: the first tensor argument. outputs: what each layer returned, by name, in call order.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.input: Tensor | None = None
        self.outputs: dict[str, Tensor] = {}


@contextmanager
def listening(network: nn.Module) -> Iterator[Pass]:
    """Return a Pass that records the calls of the network inside the context."""
    heard = Pass()

    def begin(module: nn.Module, inputs: tuple[object, ...]) -> None:
        heard.calls += 1
        heard.outputs = {}
        heard.input = next((each.float().clone() for each in inputs if isinstance(each, Tensor)), None)

    def keep(name: str, output: object) -> None:
        if isinstance(output, Tensor):
            # Copied because the next layer may work in place.
            heard.outputs[name] = output.float().clone()

    with ExitStack() as hooks:
        hooks.callback(network.register_forward_pre_hook(begin).remove)
        for name, module in layers(network):
            handle = module.register_forward_hook(lambda module, inputs, output, name=name: keep(name, output))
            hooks.callback(handle.remove)
        yield heard


def activation_pictures(trainer: Trainer, role: str, source: str, number: int) -> tuple[LabelledImages, ...]:
    """Pictures of a network's input and of the output of every layer.

    A network that takes images is called with one; for any other network, a sample is generated.

    source: "real", "held-out" or "fake", for an image. number: number of the image or the sample, from 1. If a network
    is called several times for a sample, the last call is shown. Raises UnusableValue and NodeFailure.
    """
    networks, experiment = trainer.state.networks, trainer.experiment
    if role not in networks:
        raise UnusableValue(f"There is no network {role!r}: choose {' or '.join(networks)}.")
    if role in experiment.reading:
        image, labels = chosen_image(trainer, source, number)
        scoring = experiment.scores is not None and experiment.scores.role == role
        inputs = experiment.scores.inputs(image, labels) if scoring and experiment.scores else (image,)
        with torch.no_grad(), eval_mode(networks[role]), listening(networks[role]) as heard:
            networks[role](*inputs)
        first = labelled_images(f"Input of the {role}: {source} image {number}", image, experiment.images.values)
        return (first, *(layer_picture(name, output[0]) for name, output in heard.outputs.items()))
    if role not in trainer.sampler.roles:
        raise UnusableValue(f"The {role} is not used to generate samples, so its layers cannot be shown.")
    latents = chosen_latent(trainer, number)
    with trainer.blamed(experiment.nodes[role], "make a sample"), listening(networks[role]) as heard:
        trainer.sampler.images(networks, latents)
    into = f"Input of the {role}: sample {number}" + (f", last of {heard.calls:,} calls" if heard.calls > 1 else "")
    first_looks = () if heard.input is None else (layer_picture(into, heard.input[0]),)
    return (*first_looks, *(layer_picture(name, output[0]) for name, output in heard.outputs.items()))


def layer_picture(name: str, output: Tensor) -> LabelledImages:
    """Draw a layer's output: (C, H, W) as a tile for each of the first MOST_CHANNELS channels, any other as rows of
    units."""
    values = output.cpu().numpy()
    shown = values[:MOST_CHANNELS] if values.ndim == 3 else _strip(values.reshape(-1))[None]
    finite = shown[np.isfinite(shown)]
    peak = float(np.abs(finite).max(initial=0.0))
    shades = np.nan_to_num(shown, nan=0.0, posinf=peak, neginf=-peak) / (peak or 1.0)
    pixels = np.round(127.5 + 127.5 * shades).astype(np.uint8)[..., None]
    return LabelledImages(f"{name}: {_extent(values)}, white is {in_words(peak)}", pixels)


def _strip(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) -> (rows, STRIP), the last row padded with zeros; a single row has only n values."""
    width = min(STRIP, max(1, len(values)))
    rows = max(1, ceil(len(values) / width))
    return np.pad(values, (0, rows * width - len(values))).reshape(rows, width)


def _extent(values: NDArray[np.float32]) -> str:
    if values.ndim != 3:
        return f"{values.size:,} unit{'s' if values.size != 1 else ''}"
    channels, height, width = values.shape
    drawn = f"{MOST_CHANNELS} of {channels:,}" if channels > MOST_CHANNELS else str(channels)
    return f"{height}×{width}, {drawn} channel{'s' if channels != 1 else ''}"
