"""Look inside the networks of the loaded run on demand: saliency, and each layer's activations for one image."""

from dataclasses import dataclass

from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Command, Snapshot

MOST = 1024
"""Most images in a sample grid."""

SECONDS = 60.0


@dataclass(frozen=True)
class CaptionedPicture:
    """A picture and its caption."""

    label: str
    png: bytes


@dataclass(frozen=True)
class LookInside:
    """The result after `step` steps: a real and a generated image with their saliency, if images are scored; then one
    picture per layer."""

    step: int
    pictures: tuple[CaptionedPicture, ...]


def look_inside(trainer: TrainerHandle, seen: Snapshot, role: str, source: str, index: int) -> LookInside:
    """Compute saliency, if images are scored, and the activations of each layer of a network. Training is unaffected.

    role: of the network.
    source: of its input, if the network takes images: "real" (a training image), "held-out" or "fake".
    index: the image's number in the sample grid, from 1.
    Raises CommandRefused (with the engine's message) or EngineGone.
    """
    arguments = {"what": "everything", "role": role, "source": source, "index": index}
    answer = trainer.ask(Command("look_inside", run=seen.run, arguments=arguments), SECONDS)
    pictures = (CaptionedPicture(label, png) for label, png in zip(answer.values["labels"], answer.blobs, strict=True))
    return LookInside(int(answer.values["step"]), tuple(pictures))
