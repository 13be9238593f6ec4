"""`python -m pipeline.command.job_submission submit|show HOME JOB`: the process that submits one job, or prints the
batch file that would start it. `pipeline/launch/submission.py` starts it and says why it is a process of its own.

The last line that it prints before it fails says why.
"""

import sys
from pathlib import Path

import psutil

from pipeline.command.job_worker import JobWorker
from pipeline.launch.executor import batch_file, submitted
from pipeline.launch.jobs import Job, open_job


def main() -> int:
    action, home, name = sys.argv[1:]
    job = open_job(Path(home), name)
    try:
        if action == "show":
            sys.stdout.write(batch_file(job, job.path))
        else:
            number = submitted(job, JobWorker(home, name))
            job.write("queued", id=number, began=_began(job, number))
    except Exception as error:  # noqa: BLE001 - submitit raises exceptions of many kinds, with what the cluster said
        sys.stdout.write(f"{' '.join(str(error).split()) or type(error).__name__}\n")
        return 1
    return 0


def _began(job: Job, number: str) -> float | None:
    """When the first process of a job on this machine began, by which it is known again; None for others."""
    if job.cluster != "local":
        return None
    try:
        return psutil.Process(int(number)).create_time()
    except psutil.NoSuchProcess:
        return 0.0


if __name__ == "__main__":
    sys.exit(main())
