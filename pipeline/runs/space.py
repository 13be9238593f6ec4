"""How many bytes the files of a run take, by kind. Its records and metrics are in the database and not counted."""

from collections.abc import Mapping

from pipeline.runs.files import RunFiles, file_sizes

KINDS = ("checkpoints", "grids", "probes", "evaluations", "other")
"""The folders of a run; "other" are its remaining files."""


def space_of(files: RunFiles) -> Mapping[str, int]:
    """The bytes of each of KINDS; 0 for a run whose folder is gone."""
    found = dict.fromkeys(KINDS, 0)
    for path, size in file_sizes(files.folder):
        inside = path.relative_to(files.folder).parts
        found[inside[0] if len(inside) > 1 and inside[0] in found else "other"] += size
    return found
