"""Fetching one file from the network: with a limit on silence, with progress, checked against its checksum.

Nothing that has arrived by halves is ever taken for the whole: a file is written elsewhere and handed over when its
checksum is right.
"""

import hashlib
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

from pipeline.data.progress import ReadProgress

SILENCE_SECONDS = 10.0
"""A server that has sent nothing for so long is given up."""

MOST_BYTES = 1_000_000_000
"""Of one file; CIFAR-10 has 170 MB."""

AT_ONCE = 1 << 18
MB = 1_000_000


class DownloadFailed(Exception):
    """No address gave the file; says why the last one did not."""


def download(addresses: Sequence[str], checksum: str, target: Path, progress: ReadProgress) -> None:
    """Writes to `target` what the first address sends that has the right MD5 `checksum` (hexadecimal).

    Raises DownloadFailed, and whatever `progress` raises to end it.
    """
    failure = "there is no address to fetch it from"
    for address in addresses:
        try:
            _fetch(address, target, progress)
        except (OSError, HTTPException, ValueError) as error:
            failure = str(error).strip("<>") or type(error).__name__
            continue
        if _md5(target) == checksum:
            return
        failure = "the file arrived corrupted"
    raise DownloadFailed(failure)


def _fetch(address: str, target: Path, progress: ReadProgress) -> None:
    name = address.rsplit("/", 1)[-1]
    request = Request(address, headers={"User-Agent": "genscope"})
    with urlopen(request, timeout=SILENCE_SECONDS) as answer, target.open("wb") as file:
        total, done = int(answer.headers.get("Content-Length") or 0), 0
        while piece := answer.read(AT_ONCE):
            done += file.write(piece)
            if done > MOST_BYTES:
                raise ValueError(f"more than {MOST_BYTES:,} bytes came")
            progress(f"Downloading {name}, megabytes", done // MB, max(total, done) // MB)


def _md5(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
