"""Write square images as separate PNG files, each restored to its original size."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.formats import ENDINGS
from pipeline.data.fitting import Fit, restore_size
from pipeline.runs.atomic_files import os_errors_as_refusals, write_atomically
from pipeline.sampling.grid import image_png

LONGEST_STEM = 150
"""Maximum number of bytes of a file's name without its extension; file systems take 255 in all."""


def write_files(
    images: NDArray[np.uint8],
    sizes: Sequence[tuple[int, int]] | None,
    fit: Fit,
    folder: Path,
    names: Sequence[str] | None = None,
) -> None:
    """Write images (N, S, S, C) uint8 as PNGs to `folder`, which is created if it does not exist.

    sizes: (height, width) of each file; None for S×S. fit: how images of these sizes were made square. names: of the
    files, without extension; None for 1, 2, … . Raises CannotWrite.
    """
    with os_errors_as_refusals(folder):
        folder.mkdir(exist_ok=True)
    for place, image in enumerate(images):
        full = image if sizes is None else restore_size(image, sizes[place], fit)
        write_atomically(folder / f"{names[place] if names else place + 1}.png", image_png(full))


def file_stems(names: Sequence[str]) -> list[str] | None:
    """For each picture's name in its source, a name of its own for a file made from it, without extension.

    It is the name of the picture; of pictures of the same name, with its folder before it, and else with a number
    behind it. It has only visible characters and no path. None if these are not names of pictures.
    """
    paths = [PurePosixPath(name.replace("\\", "/")) for name in names]
    if not names or any(path.suffix.lower() not in ENDINGS for path in paths):
        return None
    stems = [_safe(path.stem) for path in paths]
    shared = {stem for stem, count in Counter(map(str.casefold, stems)).items() if count > 1}
    taken: set[str] = set()
    found = []
    for stem, path in zip(stems, paths, strict=True):
        wanted = _safe(f"{path.parent.name}_{path.stem}") if stem.casefold() in shared and path.parent.name else stem
        wanted, number = wanted or "image", 1
        name = wanted
        while name.casefold() in taken:
            number += 1
            name = f"{wanted}_{number}"
        taken.add(name.casefold())
        found.append(name)
    return found


def _safe(stem: str) -> str:
    """The stem with a dash for every character that has a meaning in a path or cannot be seen."""
    visible = "".join(each if each.isprintable() and each not in '/\\:*?"<>|' else "-" for each in stem)
    return visible.lstrip(".").encode("utf-8", "replace")[:LONGEST_STEM].decode("utf-8", "ignore").strip()
