"""Look inside the networks of the loaded run on demand: saliency, and each layer's activations for one image."""

from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.answers import InsideView
from pipeline.runtime.messages.commands import LookInside
from pipeline.runtime.messages.snapshot import Snapshot

MOST = 1024
"""Maximum number of images in a sample grid."""

SECONDS = 60.0


def look_inside(trainer: TrainerHandle, snapshot: Snapshot, role: str, source: str, index: int) -> InsideView:
    """Compute saliency, if images are scored, and the activations of each layer of a network. Training is unaffected.

    role: role of the network.
    source: where its input comes from, if the network takes images: "real" (a training image), "held-out" or "fake".
    index: the image's number in the sample grid, from 1.
    Raises CommandRefused (with the engine's message) or EngineGone.
    """
    return trainer.ask(LookInside(role=role, source=source, index=index, run=snapshot.run), SECONDS)
