"""A captured state as bytes, to hand it to other processes. Nothing in them is executed when they are read."""

import io
from collections.abc import Iterable
from dataclasses import fields

import torch

from pipeline.training.state import Captured, JournalEntry


def to_bytes(captured: Captured, journal: Iterable[JournalEntry]) -> bytes:
    """The state and the whole journal, of which the state has the beginning."""
    content = {field.name: getattr(captured, field.name) for field in fields(captured)}
    for name in ("networks", "averages", "optimizers"):
        # Plain dicts: torch's own carry more than what is restored.
        content[name] = {role: dict(each) for role, each in content[name].items()}
    content["journal"] = [list(entry) for entry in captured.journal]
    buffer = io.BytesIO()
    torch.save({"captured": content, "journal": [list(entry) for entry in journal]}, buffer)
    return buffer.getvalue()


def from_bytes(content: bytes) -> tuple[Captured, tuple[JournalEntry, ...]]:
    """The inverse of `to_bytes`, with all tensors on the CPU."""
    found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    captured, journal = found["captured"], found["journal"]
    captured["journal"] = tuple(JournalEntry(*entry) for entry in captured["journal"])
    return Captured(**captured), tuple(JournalEntry(*entry) for entry in journal)
