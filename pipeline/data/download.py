"""Downloads one file: with a timeout, progress reports and a checksum test.

A partial file is never used: callers download to a temporary folder, and use the file only if its checksum is right.
"""

import hashlib
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

from pipeline.data.progress import ReadProgress

SILENCE_SECONDS = 10.0
"""Timeout for a server that sends nothing."""

MOST_BYTES = 1_000_000_000
"""Limit for one file; CIFAR-10 is 170 MB."""

AT_ONCE = 1 << 18
MB = 1_000_000


class DownloadFailed(Exception):
    """No address delivered the file; the message says why the last one failed."""


def download(addresses: Sequence[str], checksum: str, target: Path, progress: ReadProgress) -> None:
    """Download to `target` from the first address whose file has the right MD5 `checksum` (hexadecimal).

    Raises DownloadFailed, and anything `progress` raises to stop it.
    """
    failure = "there is no address to download it from"
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
                raise ValueError(f"the server sent more than {MOST_BYTES:,} bytes")
            progress(f"Downloading {name}, megabytes", done // MB, max(total, done) // MB)


def _md5(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
