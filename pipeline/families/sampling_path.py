"""How pages show the way from noise to images, for families that make images in many steps. Torch-free."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Contrast:
    """Two ways to make the same images, shown side by side.

    option: name of the sampler's option that differs; runs without it have no contrast. off, on: its two values; `on`
    only proposes one if the run's own is `off`. without, with_it: titles of the two pictures.
    """

    option: str
    off: float
    on: float
    without: str
    with_it: str


@dataclass(frozen=True)
class SamplingPath:
    """What there is to see between noise and image, in a run's `Sampler.path`."""

    title: str
    """The title of the view, such as "Denoising"."""
    pictures: Mapping[str, str]
    """What each moment shows, the first by default: name in `Moment.pictures` -> title."""
    meanings: Mapping[str, str]
    """What that is, in a sentence, by the same names."""
    clock: str
    """What the numbers of its moments are: the end of a label such as "t = 0.75" is one."""
    noise: str
    """What happens from left to right, in a sentence."""
    contrast: Contrast | None = None
    steady: str = ""
    """What differs when images are made between two others (`Sampler.steady`), in a sentence; "" if nothing does."""


def path_fault(path: object) -> str:
    """Why pages cannot use this path of a family, as the end of a sentence; "" if they can."""
    if path is None:
        return ""
    if not isinstance(path, SamplingPath):
        return "its path is not a SamplingPath"
    if not path.title or not path.pictures or set(path.pictures) != set(path.meanings):
        return "its path needs a title, and pictures with a meaning each"
    return ""
