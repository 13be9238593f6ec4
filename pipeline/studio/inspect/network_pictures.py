"""Looking into the networks of the run under way, on demand: which pixels matter, what each layer makes of an image."""

from dataclasses import dataclass

from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Command, Snapshot

MOST = 1024
"""Images that a sample grid has at most."""

SECONDS = 60.0


@dataclass(frozen=True)
class CaptionedPicture:
    """A picture and what it shows, in words."""

    label: str
    png: bytes


@dataclass(frozen=True)
class LookInside:
    """What there was to see after `step` steps: a real and a fake image with their saliency, where such are scored;
    then layers."""

    step: int
    pictures: tuple[CaptionedPicture, ...]


def look_inside(trainer: TrainerHandle, seen: Snapshot, role: str, source: str, index: int) -> LookInside:
    """Saliency where images are scored, and what each layer of a network makes of an image or a latent.

    Training is not changed. role: of the network. source: of the image that goes into it, where it reads images: "real"
    (of the training set), "held-out" or "fake".
    index: the image's place in the sample grid, from 1. Raises CommandRefused with the engine's sentence, EngineGone.
    """
    arguments = {"what": "everything", "role": role, "source": source, "index": index}
    answer = trainer.ask(Command("look_inside", run=seen.run, arguments=arguments), SECONDS)
    pictures = (CaptionedPicture(label, png) for label, png in zip(answer.values["labels"], answer.blobs, strict=True))
    return LookInside(int(answer.values["step"]), tuple(pictures))
