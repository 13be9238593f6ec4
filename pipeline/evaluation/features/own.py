"""Features of a small classifier that is trained on a run's own labelled images, and kept.

What an ImageNet network makes of microscopy or of drawn symbols is a guess; a classifier of these very classes knows
what tells them apart. It is trained once for a set of images, on the training images only, in about a minute:

    GENSCOPE_HOME/features/<hash of the images, their labels and the recipe>.safetensors

with its accuracy on held-out images in the file's metadata. It is the same on every call on one machine.
"""

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.data.images import hash_of, to_float
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.errors.features import NoFeatures
from pipeline.evaluation.features.preparation import resized
from pipeline.evaluation.features.signature import Features, Seen
from pipeline.evaluation.features.variation import varied
from pipeline.runs.atomic_files import make_folder, write_atomically
from pipeline.training.inference import BATCH
from pipeline.training.parts import RealImages

RECIPE = "1: 600 steps of 64, AdamW, one cycle, smoothed labels, moved, turned and scaled"
"""Part of the hash: change the number with any change of network or training."""
STEPS, DRAWN, RATE = 600, 64, 3e-3
DIMENSIONS = 64
WIDTHS = (16, 32, 64, 64)
"""Channels of its convolutions."""
MOST, LEAST = 64, 8
"""Pixels of the longer side that the network takes; larger images shrink to it."""


class Classifier(nn.Module):
    """Images (B, C, H, W) in [-1, 1] -> logits (B, K). H and W: 8 to MOST.

    Three or four convolutions, of which those after the first halve the sides; above 32 pixels, the first one does too.
    """

    def __init__(self, channels: int, height: int, width: int, kinds: int) -> None:
        super().__init__()
        larger, layers, width_in = max(height, width), [], channels
        strides = [1 if larger <= MOST // 2 else 2, *[2] * (3 if larger > 16 else 2)]
        for stride, wide in zip(strides, WIDTHS, strict=False):
            layers += [nn.Conv2d(width_in, wide, 3, stride, 1), nn.BatchNorm2d(wide), nn.SiLU()]
            height, width, width_in = -(-height // stride), -(-width // stride), wide
        self.convolutions = nn.Sequential(*layers)
        self.features = nn.Linear(width_in * height * width, DIMENSIONS)
        self.drop = nn.Dropout(0.3)
        self.last = nn.Linear(DIMENSIONS, kinds)

    def features_of(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) -> their features (B, DIMENSIONS)."""
        found: Tensor = self.features(self.convolutions(images).flatten(1))
        return found

    def named(self, features: Tensor) -> Tensor:
        """Features (B, DIMENSIONS) -> logits (B, K)."""
        logits: Tensor = self.last(self.drop(F.silu(features)))
        return logits

    def forward(self, images: Tensor) -> Tensor:
        return self.named(self.features_of(images))


def own_features(images: RealImages, home: Path, device: str, progress: ReadProgress = no_progress) -> Features:
    """The extractor for these images; trained now if it is not kept in `home`, or its file is damaged.

    progress: called while it is trained; may raise to stop it. Raises NoFeatures without labels or for images of fewer
    than 8 pixels; CannotWrite.
    """
    channels, height, width = images.train.shape
    if images.classes < 2:
        raise NoFeatures("own", "the images have no labels of two classes or more", "Choose 'efficientnet'.")
    if min(height, width) < LEAST:
        raise NoFeatures("own", f"the images are smaller than {LEAST} pixels", "Choose 'efficientnet'.")
    scale = min(1.0, MOST / max(height, width))
    size = max(LEAST, round(height * scale)), max(LEAST, round(width * scale))
    kinds = images.classes
    with torch.random.fork_rng(devices=[]):
        network = Classifier(channels, *size, kinds)
    path = home / "features" / f"{_key(images)}.safetensors"
    accuracy = _kept(network, path)
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if accuracy is None:
        _train(network, images, size, device, progress)
        accuracy = _accuracy(network.eval(), images, size, device)
        make_folder(path.parent)
        facts = {"accuracy": str(accuracy), "recipe": RECIPE}
        write_atomically(
            path, save({name: each.cpu().contiguous() for name, each in network.state_dict().items()}, facts)
        )
    network.eval().requires_grad_(False)

    def see(pixels: Tensor) -> Seen:
        found = network.features_of(_prepared(pixels, size, device))
        return Seen(found.cpu(), network.named(found).softmax(1).cpu())

    names = images.findings.class_names if images.findings else ()
    return Features(
        name="classifier of the run's images",
        digest=_digest(network),
        resize=f"bilinear, antialiased, to {size[1]} × {size[0]}" if scale < 1 else "as they are",
        dimensions=DIMENSIONS,
        see=see,
        class_names=tuple(names) if len(names) == kinds else tuple(map(str, range(kinds))),
        accuracy=None if math.isnan(accuracy) else accuracy,
    )


def _key(images: RealImages) -> str:
    train = images.train
    facts = (hash_of(train), images.classes, RECIPE)
    labels = np.ascontiguousarray(train.labels.cpu().numpy()).tobytes()
    return hashlib.sha256(json.dumps(facts).encode() + labels).hexdigest()[:32]


def _digest(network: nn.Module) -> str:
    """Of the weights alone: the file's metadata has no fixed order."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


def _kept(network: nn.Module, path: Path) -> float | None:
    """Load the weights kept in a file: the accuracy, NaN if none was measured, or None if the file is missing or
    damaged."""
    try:
        content = path.read_bytes()
        header = int.from_bytes(content[:8], "little")
        accuracy = float(json.loads(content[8 : 8 + header])["__metadata__"]["accuracy"])
        network.load_state_dict(load(content))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError):
        return None
    return accuracy


def _prepared(pixels: Tensor, size: tuple[int, int], device: str) -> Tensor:
    return resized(to_float(pixels.to(device)), *size)


def _train(network: nn.Module, images: RealImages, size: tuple[int, int], device: str, progress: ReadProgress) -> None:
    train, labels = images.train, images.train.labels.cpu()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for module in network.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear, nn.BatchNorm2d)):
                module.reset_parameters()
        optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS)
        network.train()
        for step in range(STEPS):
            progress("Training the classifier", step, STEPS)
            chosen = torch.randint(train.count, (DRAWN,))
            batch = varied(_prepared(train.take(chosen), size, device), "border")
            loss = F.cross_entropy(network(batch), labels[chosen].to(device), label_smoothing=0.05)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
    progress("Training the classifier", STEPS, STEPS)


@torch.no_grad()
def _accuracy(network: nn.Module, images: RealImages, size: tuple[int, int], device: str) -> float:
    """Share of the held-out images that are recognised; NaN if none are held out."""
    held_out = images.held_out
    if not held_out.count:
        return math.nan
    found = [network(_prepared(part, size, device)).argmax(1).cpu() for part in held_out.parts(BATCH)]
    return (torch.cat(found) == held_out.labels.cpu()).float().mean().item()
