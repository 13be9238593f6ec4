"""Moved: see `pipeline/wording.py`."""

from pipeline.wording import ago, duration, number, remaining, size

__all__ = ["ago", "duration", "number", "remaining", "size"]
