"""What Slurm's commands answer. Each is given a few seconds: a controller that is down makes them wait for minutes.

The formats are those of sinfo(1), squeue(1) and scancel(1).
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors.launch import NotCancelled
from pipeline.formatting import shortened

PATIENCE_SECONDS = 10.0
WAITS = frozenset(
    {"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"}
)
RUNS = frozenset({"RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "RESIZING", "SIGNALING", "STAGE_OUT"})
"""States of jobs that have not ended (squeue(1), "Job state codes")."""


@dataclass(frozen=True)
class QueueRow:
    """A job as Slurm lists it. state: such as PENDING. reason: why it waits, in Slurm's words. where: its nodes."""

    state: str
    reason: str
    where: str


def partitions() -> tuple[str, ...]:
    """The partitions of the cluster; () if `sinfo` does not answer."""
    out, fault = _answer(["sinfo", "--noheader", "--format=%R"])
    return () if fault else tuple(dict.fromkeys(line.strip() for line in out.splitlines() if line.strip()))


def queue() -> Mapping[str, QueueRow] | None:
    """This user's jobs by number, those that ended some minutes ago too; None if `squeue` does not answer."""
    # One question about all jobs: asked about one that it has forgotten, it fails.
    command = ["squeue", "--noheader", f"--user={os.getuid()}", "--states=all", "--format=%i|%T|%r|%N"]
    out, fault = _answer(command)
    if fault:
        return None
    found = {}
    for line in out.splitlines():
        number, state, reason, where = (*line.strip().split("|"), "", "", "")[:4]
        if number:
            found[number] = QueueRow(state, "" if reason == "None" else reason, where)
    return found


def cancel(job: str, number: str) -> None:
    """End a job. Slurm first sends SIGTERM, upon which the run is saved. Raises NotCancelled. job: for messages."""
    _, fault = _answer(["scancel", number])
    if fault:
        raise NotCancelled(job, fault)


def _answer(command: Sequence[str]) -> tuple[str, str]:
    """What a command prints, and why it failed; "" if it did not."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        return "", f"`{command[0]}` was not found"
    except subprocess.TimeoutExpired:
        return "", f"`{command[0]}` did not answer within {PATIENCE_SECONDS:g} seconds"
    except OSError as error:
        return "", f"`{command[0]}` cannot be run: {(error.strerror or str(error)).lower()}"
    if done.returncode:
        return "", shortened(" ".join(done.stderr.split()), 200) or f"`{command[0]}` failed"
    return done.stdout, ""
