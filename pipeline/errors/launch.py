"""Errors about jobs: runs that a cluster's queue trains."""

from collections.abc import Sequence

from pipeline.errors.base import Fault, Refusal, nearest


class UnfitResources(Refusal):
    """Resources that no job can have. what: the field, in words. reason: a clause. remedy: a sentence."""

    def __init__(self, what: str, reason: str, remedy: str) -> None:
        super().__init__(f"The job was not submitted: {what} {reason}. {remedy}")


class UnknownPartition(Refusal):
    """A partition that the cluster does not have. known: those that it has."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        shown = ", ".join(known[:20]) + (f" and {len(known) - 20:,} more" if len(known) > 20 else "")
        super().__init__(f"The cluster has no partition {name[:60]!r}{nearest(name, known)} It has: {shown}.")


class NoSlurm(Refusal):
    """A job for Slurm on a machine that has no `srun`."""

    def __init__(self) -> None:
        super().__init__(
            "There is no Slurm on this machine: `srun` was not found. Submit from a login node of the cluster, or "
            "with --cluster local, which trains on this machine."
        )


class UnknownJob(Refusal):
    """An id that no job of this home has."""

    def __init__(self, job: str) -> None:
        super().__init__(f"There is no job {job[:60]!r} in this home. `python -m pipeline submit --list` lists all.")


class JobOver(Refusal):
    """A job that cannot be cancelled, because it has ended. state: done, failed or cancelled."""

    def __init__(self, job: str, state: str) -> None:
        super().__init__(f"The job {job} cannot be cancelled: it has ended already ({state}).")


class OpenJobFolder(Fault):
    """A folder of jobs that others may write, or read, or that belongs to another user. It holds pickled objects, which
    run code when they are opened."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"{folder} is open to other users, so no job is kept in it: its files run as this user. "
            f"Look at what it holds, then run `chmod 700` on it, or delete it."
        )


class UnreadableJob(Fault):
    """The record of a job that cannot be read."""

    def __init__(self, path: str) -> None:
        super().__init__(f"The job's record {path} cannot be read: it is no record of Genscope. Delete its folder.")


class NotSubmitted(Fault):
    """A job that the cluster did not take. reason: in its words."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The cluster did not take the job: {reason.rstrip('.')}. Nothing was queued.")


class NotCancelled(Fault):
    """A job that was not cancelled. reason: a clause. remedy: what to do, without a full stop."""

    def __init__(self, job: str, reason: str, remedy: str = "Try again once the queue answers") -> None:
        super().__init__(f"The job {job} was not cancelled: {reason.rstrip('.')}. {remedy}.")
