"""Write square images as separate PNG files, each restored to its original size."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.data.fitting import Fit, restore_size
from pipeline.runs.atomic_files import os_errors_as_refusals, write_atomically
from pipeline.sampling.grid import image_png


def write_files(images: NDArray[np.uint8], sizes: Sequence[tuple[int, int]] | None, fit: Fit, folder: Path) -> None:
    """Write images (N, S, S, C) uint8 as 1.png, 2.png, … to `folder`, which is created if it does not exist.

    sizes: (height, width) of each file; None for S×S. fit: how images of these sizes were made square. Raises
    CannotWrite.
    """
    with os_errors_as_refusals(folder):
        folder.mkdir(exist_ok=True)
    for place, image in enumerate(images):
        full = image if sizes is None else restore_size(image, sizes[place], fit)
        write_atomically(folder / f"{place + 1}.png", image_png(full))
