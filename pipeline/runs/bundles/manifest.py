"""The table of contents of a bundle, and the names that its entries may have."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipeline.runs.files import AUTOENCODERS

FORMAT = 2
"""Raised when a reader of an older format could not import a bundle whole."""
MANIFEST = "bundle.json"
RECORD, EVENTS, SERIES, VALUES, POINTS = "record.json", "events.json", "series.json", "values.f32", "points.bin"
ROWS = (RECORD, EVENTS, SERIES, VALUES, POINTS)
"""Entries that every run has."""
FILES = "files"
UPLOADS = "uploads"

MOST_ENTRIES = 100_000
"""Besides the manifest."""
LARGEST_TEXT = 256 * 2**20
"""Bytes of an entry that is read into memory; ten million steps of 50 series need 4 MB."""

LATEST = 253_402_300_800.0
"""The end of the year 9999, in seconds since 1970: no later time can be written as a date."""

_RUN = r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}"
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}"
_OF_RUN = re.compile(rf"runs/({_RUN})/(?:({'|'.join(map(re.escape, ROWS))})|{FILES}/({_PART}(?:/{_PART}){{0,3}}))")
_UPLOADED = re.compile(
    r"uploads/[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,199}(?:/[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,199}){0,9}"
)
_AUTOENCODER = re.compile(rf"{AUTOENCODERS}/{_RUN}-step-[0-9]{{9,18}}/{_PART}")
NOT_OF_A_BUNDLE = frozenset({"lock", "pause.json", "tensorboard"})
"""What belongs to a process, or can be written again from the rest."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class Entry(_Strict):
    """An entry of the archive. sha256: hexadecimal."""

    name: str
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class BundledRun(_Strict):
    """A run in a bundle; what is said of it before it is imported."""

    id: Annotated[str, Field(pattern=f"^{_RUN}$")]
    name: str
    step: Annotated[int, Field(ge=0)]
    parent: Annotated[str, Field(pattern=f"^{_RUN}$")] | None


class Manifest(_Strict):
    """The table of contents. version: of the program that wrote it. created: seconds since 1970. runs: ancestors before
    their forks. files: all entries but the manifest itself."""

    format: int
    version: str
    created: Annotated[float, Field(ge=0, lt=LATEST)]
    runs: tuple[BundledRun, ...]
    files: tuple[Entry, ...]


def entry_of_run(run: str, name: str) -> str:
    """The name of an entry of a run."""
    return f"runs/{run}/{name}"


def entry_of_file(run: str, path: str) -> str:
    """The name of the entry of a file in a run's folder."""
    return entry_of_run(run, f"{FILES}/{path}")


def file_of_run(name: str) -> tuple[str, str] | None:
    """The run and the path in its folder of an entry that is one of its files; None for other entries."""
    found = _OF_RUN.fullmatch(name)
    return (found[1], found[3]) if found and found[3] else None


def run_of(name: str) -> str | None:
    """The run that an entry belongs to; None for uploads and autoencoders, and for names that no entry may have."""
    found = _OF_RUN.fullmatch(name)
    return found[1] if found else None


def is_allowed(name: str) -> bool:
    """Whether an entry may have this name: inside the folder of a run, of uploads or of a copied autoencoder, and
    nothing hidden."""
    if _UPLOADED.fullmatch(name) or _AUTOENCODER.fullmatch(name):
        return True
    file = file_of_run(name)
    return run_of(name) is not None and (file is None or file[1].split("/")[0] not in NOT_OF_A_BUNDLE)
