"""Delete runs, and the jobs that trained them: what would go, what stays, and what keeps them from being deleted.

found = plan(store, [run, …])    # to ask: how many bytes
delete(store, found)
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.data.uploads import Upload, remove
from pipeline.errors.runs import RunInUse
from pipeline.launch.jobs import Job
from pipeline.launch.states import UNDER_WAY
from pipeline.nodes.stored_autoencoder import copied_steps
from pipeline.runs import deletion
from pipeline.runs.catalogue import forks_of
from pipeline.runs.files import file_sizes
from pipeline.runs.job_runs import runs_of_jobs
from pipeline.runs.references import Reference, naming
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.data.uploads import used_by_these_alone
from pipeline.studio.jobs.job_rows import jobs_of_runs


@dataclass(frozen=True)
class DeletionPlan:
    """What a deletion of runs would delete.

    size: bytes of their files; metrics are in the database, which reuses their room but does not shrink. forks: other
    runs that were forked from them: they stay, but lose the curves and grids from before the fork. uploads: the data
    sets that nothing else uses, if they are to be deleted too; others are kept. jobs: of these runs, whose folders with
    their logs go too.
    """

    runs: tuple[RunRecord, ...]
    size: int
    forks: tuple[RunRecord, ...]
    uploads: tuple[Upload, ...] = ()
    jobs: tuple[Job, ...] = ()

    @property
    def ids(self) -> list[str]:
        return [record.id for record in self.runs]

    @property
    def bytes(self) -> int:
        """All bytes that become free on the disk."""
        return self.size + sum(upload.size for upload in self.uploads)


def plan(store: Store, runs: Sequence[str], *, uploads: bool = False) -> DeletionPlan:
    """What the deletion of these runs would delete. uploads: also the uploaded data sets that only they use.

    Raises UnknownRun; RunInUse if a living process holds a run, a job has still to train it, or another run needs its
    autoencoder.
    """
    ids = list(dict.fromkeys(runs))
    deletion.require_free(store, ids)
    for run in ids:
        for user in _needing(store, run, ids):
            raise RunInUse(run, store.run(run).name, _reason(user))
    rows = jobs_of_runs(store, ids)
    for row in rows:
        if row.record and row.state.word in UNDER_WAY:
            why = f"job {row.job.id} has still to train it. Cancel that job first."
            raise RunInUse(row.record.id, row.record.name, why)
    jobs = tuple(row.job for row in rows if row.state.over)
    return DeletionPlan(
        runs=tuple(store.run(run) for run in ids),
        size=sum(store.files(run).disk_used() for run in ids) + sum(map(_size, jobs)),
        jobs=jobs,
        forks=tuple(fork for fork in forks_of(store, ids) if fork.id not in ids),
        uploads=used_by_these_alone(ids, store.home, store) if uploads else (),
    )


def delete(store: Store, found: DeletionPlan) -> int:
    """Delete what a plan lists, and return the bytes that were freed. Raises as `plan` does, and CannotWrite."""
    again = plan(store, found.ids, uploads=bool(found.uploads))
    freed = deletion.delete_runs(store, again.ids)
    # Of a job that has trained another run too, which is kept, the folder stays.
    kept = runs_of_jobs(store, [job.id for job in again.jobs])
    for job in again.jobs:
        if job.id not in kept:
            freed += _size(job)
            shutil.rmtree(job.path, ignore_errors=True)
    for upload in again.uploads:
        if upload in found.uploads:
            remove(upload.name, store.home)
            freed += upload.size
    return freed


def _size(job: Job) -> int:
    return sum(size for _, size in file_sizes(job.path))


def _needing(store: Store, run: str, doomed: Sequence[str]) -> Iterator[Reference]:
    """The other runs, and those that wait, that take their autoencoder from this run and have no copy of it."""
    copied = copied_steps(run, store.home)
    for user in naming(store, run):
        if user.id not in doomed and any(not _served(step, copied) for step in _steps_used(user, run)):
            yield user


def _served(step: int, copied: Sequence[int]) -> bool:
    return bool(copied) if step == 0 else step in copied


def _steps_used(user: Reference, run: str) -> Iterator[int]:
    """The checkpoints of a run that a workflow names, 0 for the newest; none if it only mentions the run."""
    try:
        nodes = [node["inputs"] for node in json.loads(user.workflow_text)["prompt"].values()]
        yield from (int(inputs.get("step", 0)) for inputs in nodes if inputs.get("run") == run)
    except (ValueError, TypeError, LookupError, AttributeError):
        return


def _reason(user: Reference) -> str:
    what = f"{user.name[:60]!r}, which waits in the queue," if user.waiting else f"run {user.id} ({user.name[:60]})"
    return (
        f"{what} takes its autoencoder from it, and no copy of that is kept yet. A copy is made when that run starts; "
        "start it first, or delete it too."
    )
