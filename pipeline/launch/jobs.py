"""A job as it is kept: a folder `home/jobs/JOB` that only its user may open, with a record and what became of it.

submission.json, and for a new run workflow.json, are written once, before the job is submitted; the others by one
process each, whole, when it happens:

    queued.json     the queue's number of the job
    started.json    where and when its leader last began
    run.json        the run that it trains, once it has ended a first time
    cancelled.json  who cancelled it
    ended.json      how its leader ended

`pipeline/runs/remote/` keeps there what a worker on another machine records. The rest is submitit's: the pickled call,
and the output of each task. To open a pickle runs code, so the folder must be private. Nothing secret is in it: a
database's password goes by the environment.
"""

import json
import os
import shutil
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from pipeline.errors.launch import OpenJobFolder, UnknownJob, UnreadableJob
from pipeline.launch.resources import Resources
from pipeline.launch.resources import resources as usual_resources
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, write_atomically
from pipeline.runs.ids import is_run_id, new_run_id
from pipeline.runs.remote.job_folder import JOBS
from pipeline.runs.remote.preparing import prepare
from pipeline.runs.store import Store

RECORD = "submission.json"
WORKFLOW = "workflow.json"
"""The workflow of a new run, as it was when it was submitted."""
Note = Literal["queued", "started", "run", "cancelled", "ended"]


@dataclass(frozen=True)
class Job:
    """A job's record.

    id: of the form of a run's id. arguments: of `train`, for its first start. name: of the run. goal: the step at which
    it ends; None for the run's planned end. run: the stored run that it resumes; "" for a new one, of which the store
    knows the job. cluster: where it was submitted. folder: the working folder.
    """

    id: str
    home: str
    arguments: tuple[str, ...]
    name: str
    cluster: Literal["slurm", "local"]
    processes: int
    resources: Resources = field(default_factory=usual_resources)
    goal: int | None = None
    run: str = ""
    who: str = ""
    created: float = 0.0
    folder: str = ""

    @property
    def path(self) -> Path:
        """Its folder."""
        return jobs_folder(Path(self.home)) / self.id

    def note(self, kind: Note) -> dict[str, Any]:
        """What was noted; {} if it was not, or cannot be read yet."""
        return _read(self.path / f"{kind}.json")

    def write(self, kind: Note, **facts: Any) -> None:
        """Note what happened, with the time and this machine's name. Raises CannotWrite."""
        whole = {"time": time.time(), "host": socket.gethostname(), **facts}
        write_atomically(self.path / f"{kind}.json", json.dumps(whole).encode())


def jobs_folder(home: Path) -> Path:
    """The folder of all jobs of a home."""
    return home / JOBS


def make_job(store: Store, runs: Collection[str] = (), workflow: str = "", **facts: Any) -> Job:
    """Create a job's folder and record. runs: stored runs that it goes on with. workflow: the document of a new run's
    workflow. facts: the other fields of Job. Raises OpenJobFolder, HomeTrouble, with no folder left."""
    job = Job(id=new_run_id(), home=str(store.home), created=time.time(), folder=str(Path.cwd()), **facts)
    make_folder(jobs_folder(store.home))
    require_private(jobs_folder(store.home))
    prepare(store, job.id, runs)
    try:
        with os_errors_as_refusals(job.path):
            job.path.chmod(0o700)
        if workflow:
            write_atomically(job.path / WORKFLOW, workflow.encode())
        write_atomically(job.path / RECORD, _record().dump_json(job))
    except BaseException:
        shutil.rmtree(job.path, ignore_errors=True)
        raise
    return job


def require_private(folder: Path) -> None:
    """Raises OpenJobFolder if a folder is not private to this user."""
    with os_errors_as_refusals(folder):
        status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise OpenJobFolder(str(folder))


def open_job(home: Path, name: str) -> Job:
    """The job of this id, or with this number in the queue; "latest" is the newest. Raises UnknownJob, UnreadableJob,
    OpenJobFolder."""
    if is_run_id(name):
        found = _job(home, name)
    elif name == "latest":
        found = next(iter(list_jobs(home, 1)), None)
    else:
        numbers = ((job, str(job.note("queued").get("id", ""))) for job in list_jobs(home))
        found = next((job for job, number in numbers if name and name == number), None)
    if found is None:
        if is_run_id(name) and (jobs_folder(home) / name).is_dir():
            raise UnreadableJob(str(jobs_folder(home) / name / RECORD))
        raise UnknownJob(name)
    for folder in (jobs_folder(home), found.path):
        require_private(folder)
    return found


def list_jobs(home: Path, limit: int | None = None) -> list[Job]:
    """The newest `limit` jobs of a home, all with None, newest first. What is no job's folder is left out."""
    folder = jobs_folder(home)
    try:
        names = sorted((each.name for each in folder.iterdir() if is_run_id(each.name)), reverse=True)
    except OSError:
        return []
    return list(islice((job for name in names if (job := _job(home, name)) is not None), limit))


def _job(home: Path, name: str) -> Job | None:
    try:
        job = _record().validate_json((jobs_folder(home) / name / RECORD).read_bytes(), strict=True)
    except (OSError, ValueError):
        return None
    # The home may have been moved, or be mounted elsewhere.
    return replace(job, home=str(home)) if job.id == name else None


@cache
def _record() -> TypeAdapter[Job]:
    return TypeAdapter(Job)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
