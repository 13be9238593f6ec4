"""The folder of a cluster job in the home, and which database its worker uses."""

import json
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from pipeline.errors.jobs import JobNotPrepared, UnusableJobName
from pipeline.runs.home import database_url

WORKER_DATABASE = "worker.sqlite"
JOBS = "jobs"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class JobFolder:
    """Paths of one job. Nothing is created. Raises UnusableJobName for a name that is no name of a folder."""

    home: Path
    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UnusableJobName(self.name)

    @property
    def folder(self) -> Path:
        """Private to the user: what is read from it is believed."""
        return self.home / JOBS / self.name

    @property
    def facts(self) -> Path:
        """The machine that prepared the job."""
        return self.folder / "job.json"

    @property
    def database(self) -> Path:
        """The worker's own database."""
        return self.folder / WORKER_DATABASE

    @property
    def outbox(self) -> Path:
        """The worker's numbered files, until the home has taken them in."""
        return self.folder / "outbox"

    @property
    def set_aside(self) -> Path:
        """Files that could not be taken in."""
        return self.folder / "set-aside"

    @property
    def said(self) -> Path:
        """What went wrong while its files were taken in, a sentence a line."""
        return self.folder / "said.txt"

    def origin(self) -> str:
        """What identifies the worker's database in its files. Raises JobNotPrepared."""
        return self._fact("origin")

    def machine(self) -> str:
        """The machine that prepared the job (`this_machine`). Raises JobNotPrepared."""
        return self._fact("machine")

    def _fact(self, name: str) -> str:
        try:
            return str(json.loads(self.facts.read_bytes())[name])
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise JobNotPrepared(self.name, str(self.home)) from error

    def sentences(self) -> list[str]:
        """What went wrong while its files were taken in; usually nothing."""
        try:
            return self.said.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []


def this_machine() -> str:
    """This machine until it is next started: containers share it with their host, as they share its file locks. Where
    the system does not tell, its name."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return socket.gethostname()


def records_remotely(home: Path, name: str) -> bool:
    """Whether a worker that runs here has to use the job's own database: the home's is a SQLite file, and the job was
    prepared on another machine. Raises JobNotPrepared, UnusableJobName, UnusableDatabaseUrl."""
    if database_url(home).get_backend_name() != "sqlite":
        return False
    return JobFolder(home, name).machine() != this_machine()


def worker_url(home: Path, name: str, *, remotely: bool | None = None) -> str:
    """The GENSCOPE_DATABASE_URL of a job's worker on this machine, to be set before anything opens a store; "" to leave
    the variable as it is, since the worker can use the home's own database.

    remotely: None to find out. Raises JobNotPrepared, UnusableJobName, UnusableDatabaseUrl.
    """
    job = JobFolder(home, name)
    if not (records_remotely(home, name) if remotely is None else remotely):
        return ""
    if not job.database.is_file():
        raise JobNotPrepared(name, str(home))
    return URL.create("sqlite", database=str(job.database)).render_as_string()
