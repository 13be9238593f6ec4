"""The home's side of remote recording: numbered files become rows, each once, in their order.

Any process that has the home's store may take files in, and several may at the same time: the transaction that applies
a file notes its number, and a file whose number is noted is only deleted. A file before which one is missing waits: the
shared file system may show it later. One that cannot be read is set aside and said, and those after it go on.
"""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError

from pipeline.errors.jobs import JobNotPrepared, UnusableJobName
from pipeline.errors.machine import HomeTrouble
from pipeline.runs import schema
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, write_atomically
from pipeline.runs.remote.applying import Misfit, apply
from pipeline.runs.remote.changes import Created, Discarded
from pipeline.runs.remote.job_folder import JOBS, JobFolder
from pipeline.runs.remote.numbered_file import Foreign, Numbered, Unreadable, number_of, path_of, read
from pipeline.runs.store import Store

_AT_ONCE = 100
_BYTES_AT_ONCE = 32 * 2**20
"""Files in one transaction, which waits for the disk once, and their bytes, which are in memory meanwhile."""
_MISSING_SECONDS = 60.0
"""Age of a waiting file at which it is said that the one before it is missing."""


@dataclass
class TakenIn:
    """What `take_in` did. files: number of files that were applied. waiting: job -> number of the file that it waits
    for. sentences: what went wrong; also in each job's `said.txt`."""

    files: int = 0
    waiting: dict[str, int] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)


def take_in(store: Store, seconds: float = float("inf")) -> TakenIn:
    """Take in what the workers of this home's jobs have recorded. Costs a look at a folder if there are no jobs.

    seconds: after these it stops between two transactions; the rest is taken in next time. Does nothing for the store
    of a worker. Raises HomeTrouble, after the other jobs, if the folder of a job or the database cannot be read or
    written; nothing is lost.
    """
    taken = TakenIn()
    if store.database.of_worker:
        return taken
    until, trouble = time.monotonic() + seconds, None
    for job in _jobs(store.home):
        try:
            with os_errors_as_refusals(job.folder):
                while _take_some(store, job, taken) and time.monotonic() < until:
                    pass
        except HomeTrouble as error:
            trouble = error
    if trouble is not None:
        raise trouble
    return taken


def _jobs(home: Path) -> list[JobFolder]:
    """Raises CannotWrite if their folder cannot be read."""
    folder, found = home / JOBS, []
    with os_errors_as_refusals(folder):
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    for name in names:
        with suppress(UnusableJobName):
            found.append(JobFolder(home, name))
    return found


def _take_some(store: Store, job: JobFolder, taken: TakenIn) -> bool:
    """Take in the next files of a job; return whether there may be more of them."""
    numbers = _numbers(job)
    if not numbers:
        return False
    try:
        origin = job.origin()
    except JobNotPrepared:
        lost = f"The files of job {job.name} wait: {job.facts} cannot be read. Bring it back, or delete its folder."
        taken.sentences += _say(job, [lost])
        return False
    files = _read_some(job, numbers, origin)
    some = _Some(job, origin)
    with store.database.writing(durable=True) as connection:
        some.take(connection, files)
    for number in some.done:
        path_of(job.outbox, number).unlink(missing_ok=True)
    for number, reason in some.unusable.items():
        _set_aside(job, number)
        some.sentences.append(f"File {number} of job {job.name} is set aside, so what it records is missing: {reason}.")
    if some.missing is not None:
        taken.waiting[job.name] = some.missing
        missing, waits = (path_of(job.outbox, number) for number in (some.missing, some.waits))
        with suppress(FileNotFoundError):
            if time.time() - waits.stat().st_mtime > _MISSING_SECONDS:
                some.sentences.append(
                    f"File {some.missing} of job {job.name} is missing, and those after it wait. Put {missing} back, "
                    "or an empty file of this name, to go on without what it records."
                )
    taken.files += some.applied
    taken.sentences += _say(job, some.sentences)
    return some.missing is None and bool(some.done or some.unusable)


class _Some:
    """Some files of a job, in one transaction. done: numbers of the files to delete. unusable: number -> why, of those
    to set aside. missing: the number of the file that those after it wait for, of which `waits` is the first. applied:
    how many were."""

    def __init__(self, job: JobFolder, origin: str) -> None:
        self._job, self._origin = job, origin
        self.done: list[int] = []
        self.unusable: dict[int, str] = {}
        self.missing: int | None = None
        self.waits = 0
        self.applied = 0
        self.sentences: list[str] = []

    def take(self, connection: Connection, files: dict[int, Numbered | Unreadable]) -> None:
        table = schema.taken_in
        of_origin = table.c.origin == self._origin
        found = connection.execute(select(func.max(table.c.number)).where(of_origin)).scalar()
        before = last = int(found or 0)
        for number, file in files.items():
            if isinstance(file, Foreign):
                # Its number belongs to a file of this worker, which may be on its way.
                self.unusable[number] = str(file)
            elif number > last + 1:
                self.missing, self.waits = last + 1, number
                break
            elif number <= last and isinstance(file, Numbered):
                self.done.append(number)
            else:
                self._take_one(connection, number, file)
                last = max(last, number)
        if last > before:
            connection.execute(delete(table).where(of_origin))
            connection.execute(insert(table).values(origin=self._origin, number=last))

    def _take_one(self, connection: Connection, number: int, file: Numbered | Unreadable) -> None:
        if isinstance(file, Unreadable):
            self.unusable[number] = str(file)
            return
        dropped = set()
        try:
            with connection.begin_nested():
                for change in file.changes:
                    if not apply(connection, change) and not isinstance(change, Created | Discarded):
                        dropped.add(change.run)
        except Misfit as error:
            self.unusable[number] = str(error)
        except (IntegrityError, DataError, OverflowError):
            self.unusable[number] = "the database does not take its values"
        else:
            self.done.append(number)
            self.applied += 1
            self.sentences += [
                f"The home has no run {run} any more, so what job {self._job.name} records of it is dropped."
                for run in sorted(dropped)
            ]


def _numbers(job: JobFolder) -> list[int]:
    """The numbers of the files in the outbox, in order."""
    try:
        with os.scandir(job.outbox) as entries:
            files = [number for each in entries if (number := number_of(each.name)) is not None and each.is_file()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(files)


def _read_some(job: JobFolder, numbers: Sequence[int], origin: str) -> dict[int, Numbered | Unreadable]:
    """The content of the first files, by number, without those that another process has taken in meanwhile."""
    found: dict[int, Numbered | Unreadable] = {}
    size = 0
    for number in numbers[:_AT_ONCE]:
        with suppress(FileNotFoundError):
            size += path_of(job.outbox, number).stat().st_size
            if found and size > _BYTES_AT_ONCE:
                break
            found[number] = _content(job, number, origin)
    return found


def _content(job: JobFolder, number: int, origin: str) -> Numbered | Unreadable:
    """Raises FileNotFoundError."""
    try:
        found = read(path_of(job.outbox, number))
    except Unreadable as error:
        return error
    if (found.origin, found.number) != (origin, number):
        return Foreign("it is a file of another worker")
    return found


def _set_aside(job: JobFolder, number: int) -> None:
    """Move a file to where nobody looks for it; one that another process has moved stays there."""
    make_folder(job.set_aside)
    path = path_of(job.outbox, number)
    with suppress(FileNotFoundError):
        path.replace(job.set_aside / path.name)


def _say(job: JobFolder, sentences: list[str]) -> list[str]:
    """Add to what was said of a job what is new, and return that."""
    before = job.sentences() if sentences else []
    new = [each for each in dict.fromkeys(sentences) if each not in before]
    if new:
        write_atomically(job.said, "".join(f"{each}\n" for each in [*before, *new]).encode())
    return new
