"""What a run's numbers depend on besides its workflow: versions and the machine, recorded when the run begins.

The record is `environment.json` in the run's folder. Resume and Reproduce compare it with what they find.
"""

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Self

from pipeline import VERSION
from pipeline.runs.atomic_files import write_atomically
from pipeline.runs.files import RunFiles
from pipeline.runs.store import RunRecord

PACKAGES = ("torch", "torchvision", "numpy", "scipy", "pillow", "safetensors", "scikit-learn", "mlxtend", "pydantic")
"""Packages whose versions are recorded: those that compute, and those that bring or read images."""
WORDS: Mapping[str, str] = {
    "version": "Genscope",
    "python": "Python",
    "platform": "the system",
    "processor": "the processor",
    "device": "the device",
    "device_name": "the device's model",
    "threads": "the number of CPU threads",
    "data": "the images",
    "commit": "the commit of the working folder",
}
"""What the fields are called in sentences. The values of "data" are hashes, which say nothing to a reader."""


@dataclass(frozen=True)
class Environment:
    """version: of Genscope. packages: version by name, of those that are installed. platform: system and kind of
    machine. processor: model of the CPU. device: such as "cpu" or "cuda:0", and device_name its model; "" for the CPU.
    threads: CPU threads. data: a hash of all images, "" if unknown. commit: of the git repository in which the program
    was called, "" outside of one; changes that are not committed are not seen."""

    version: str = VERSION
    packages: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    platform: str = ""
    processor: str = ""
    device: str = ""
    device_name: str = ""
    threads: int = 0
    data: str = ""
    commit: str = ""

    @classmethod
    def here(cls, device: str = "", device_name: str = "", threads: int = 0, data: str = "") -> Self:
        """That of this process; what is given belongs to the run."""
        return cls(
            packages=_installed(),
            python=platform.python_version(),
            platform=f"{platform.system()} {platform.machine()}",
            processor=_processor(),
            device=device,
            device_name=device_name,
            threads=threads,
            data=data,
            commit=commit_of(Path.cwd()),
        )

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The inverse of `asdict`. Raises KeyError, TypeError or ValueError for other content."""
        packages = {str(name): str(each) for name, each in content["packages"].items()}
        texts = {name: str(content[name]) for name in WORDS if name != "threads"}
        return cls(packages=packages, threads=int(content["threads"]), **texts)

    def differences(self, now: "Environment") -> list[str]:
        """What differs in `now`, as clauses; what either does not know counts as equal."""
        pairs = [(WORDS[name], getattr(self, name), getattr(now, name), name == "data") for name in WORDS]
        names = sorted(self.packages.keys() | now.packages.keys())
        pairs[1:1] = [(name, self.packages.get(name, ""), now.packages.get(name, ""), False) for name in names]
        return [
            f"{what} are others" if secret else f"{what} was {before}, is {after} now"
            for what, before, after, secret in pairs
            if before and after and before != after
        ]


def save(files: RunFiles, environment: Environment) -> None:
    """Save it with the run. Raises CannotWrite."""
    write_atomically(files.environment, json.dumps(asdict(environment), indent=1).encode())


def load(files: RunFiles) -> Environment | None:
    """That of a run; None for runs of older versions, or if the file cannot be read."""
    try:
        return Environment.from_json(json.loads(files.environment.read_bytes()))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def of_record(files: RunFiles, record: RunRecord) -> Environment:
    """That of a run; what its record knows of it, for runs of older versions."""
    known = Environment(version=record.version or "", device=record.device, threads=record.threads or 0)
    return load(files) or known


def hash_of(hashes: Sequence[Mapping[str, str]]) -> str:
    """One hash for the hashes of all images of a run, "" if there are none."""
    text = json.dumps([dict(sorted(each.items())) for each in hashes])
    return blake2b(text.encode(), digest_size=16).hexdigest() if any(hashes) else ""


def commit_of(folder: Path) -> str:
    """The commit that is checked out in the git repository around this folder; "" if there is none.

    Read from git's own files, so that git need not be installed: gitrepository-layout(5), gitfile in gitglossary(7).
    """
    for place in (folder, *folder.parents):
        git = place / ".git"
        try:
            if git.is_file():
                # A linked working tree: the file names its folder, in which "commondir" names the repository's.
                git = place / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            if git.is_dir():
                return _head(git)
        except (OSError, ValueError):
            return ""
    return ""


def _head(git: Path) -> str:
    head = (git / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref:"):
        return head
    name = head.removeprefix("ref:").strip()
    shared = git / "commondir"
    common = git / shared.read_text(encoding="utf-8").strip() if shared.is_file() else git
    for place in (git, common):
        if (place / name).is_file():
            return (place / name).read_text(encoding="utf-8").strip()
    packed = common / "packed-refs"
    lines = packed.read_text(encoding="utf-8").splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")


@lru_cache(maxsize=1)
def _installed() -> Mapping[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@lru_cache(maxsize=1)
def _processor() -> str:
    """The model of the CPU: two models may compute with other instructions, and round differently."""
    if sys.platform == "linux":
        try:
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
        except OSError:
            pass
    return platform.processor()
