"""The rules of reading files. A run keeps those of the version that made it, so that it has the same images."""

from typing import Literal

Rules = Literal["0.3", "0.4"]
"""The version whose rules hold: which files are read, in which order, with which classes, split and scale of values."""
