"""What each process says of itself when it joins, and what process 0 answers; torch-free.

Processes of different versions would train apart without a word, so they are compared before anything is built.
"""

import json
import os
import platform
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Self

from pipeline import VERSION
from pipeline.errors.base import GenscopeError
from pipeline.errors.processes import HomeOfProcess, OtherProcess
from pipeline.runs.home import custom_node_folders, home

SAME: Mapping[str, str] = {
    "genscope": "Genscope",
    "torch": "torch",
    "python": "Python",
    "nodes": "the custom nodes (GENSCOPE_NODES)",
    "home": "the home (GENSCOPE_HOME)",
}
"""What all processes need alike, and what it is called in sentences."""


@dataclass(frozen=True)
class Introduction:
    """One process. nodes: a hash of the files of its custom nodes. trouble: why it cannot use its home; "" if it can.
    gpus: the number of its machine. local_count: processes on its machine."""

    rank: int
    host: str
    pid: int
    genscope: str
    torch: str = ""
    python: str = ""
    nodes: str = ""
    home: str = ""
    trouble: str = ""
    gpus: int = 0
    local_count: int = 1

    @classmethod
    def of_this(cls, rank: int, local_count: int, gpus: int) -> Self:
        """That of this process. Creates its home."""
        path, trouble = "", ""
        try:
            path = str(home())
        except GenscopeError as error:
            trouble = str(error)
        return cls(
            rank=rank,
            host=socket.gethostname(),
            pid=os.getpid(),
            genscope=VERSION,
            torch=version("torch"),
            python=platform.python_version(),
            nodes=nodes_hash(custom_node_folders()),
            home=path,
            trouble=trouble,
            gpus=gpus,
            local_count=local_count,
        )

    @classmethod
    def read(cls, text: bytes) -> Self:
        """The inverse of `text`. Another version may say more or less of itself: it is read too, to be refused by its
        version."""
        found = json.loads(text)
        return cls(**{field.name: found[field.name] for field in fields(cls) if field.name in found})

    @property
    def text(self) -> str:
        return json.dumps(asdict(self))


def require_alike(processes: Sequence[Introduction]) -> None:
    """Raises HomeOfProcess if one cannot use its home, OtherProcess if one differs from the first."""
    first = processes[0]
    for process in processes:
        if process.trouble:
            raise HomeOfProcess(process.rank, process.host, process.trouble)
    for process in processes[1:]:
        for name, words in SAME.items():
            own, theirs = getattr(first, name), getattr(process, name)
            if own != theirs:
                raise OtherProcess(process.rank, process.host, words, theirs or "none", first.host, own or "none")


def nodes_hash(places: Sequence[Path]) -> str:
    """A hash of the Python files in these places, by their path inside them; "" if there are none."""
    found = blake2b(digest_size=8)
    files = 0
    for place in places:
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            try:
                content = path.read_bytes()
            except OSError:
                # The catalogue says on each page what it could not read.
                continue
            files += 1
            name = str(path.relative_to(place)) if path != place else path.name
            found.update(f"{name}\0{len(content)}\0".encode() + content)
    return found.hexdigest() if files else ""
