"""How many bytes the files of a run take, by kind. Its records and metrics are in the database and not counted."""

import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.runs.files import RunFiles

KINDS = ("checkpoints", "grids", "probes", "evaluations", "other")
"""The folders of a run; "other" are its remaining files."""


def space_of(files: RunFiles) -> Mapping[str, int]:
    """The bytes of each of KINDS; 0 for a run whose folder is gone."""
    found = dict.fromkeys(KINDS, 0)
    for folder, _, names in os.walk(files.folder):
        inside = Path(folder).relative_to(files.folder).parts
        kind = inside[0] if inside and inside[0] in found else "other"
        for name in names:
            try:
                found[kind] += (Path(folder) / name).lstat().st_size
            except FileNotFoundError:
                # Deleted since the folder was listed.
                continue
    return found
