"""Submit a job, in a process of its own: with its own session, environment and working folder.

A job on this machine is a child of that process, and so outlives a server or a terminal that is closed, and no server
has to collect it. The output goes into a file, since the job's first process keeps it open.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pipeline.errors.launch import NotSubmitted
from pipeline.formatting import shortened
from pipeline.launch.jobs import Job
from pipeline.runs.home import custom_node_folders
from pipeline.runtime.cores import SHORT_SPIN

PROCESS = "pipeline.command.job_submission"
CODE = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120.0


def submit(job: Job) -> str:
    """Submit a job; return the queue's number of it. Raises NotSubmitted, and then deletes the job's folder."""
    try:
        _call(job, "submit")
    except NotSubmitted:
        shutil.rmtree(job.path, ignore_errors=True)
        raise
    return str(job.note("queued").get("id", ""))


def batch_file(job: Job) -> str:
    """The batch file with which Slurm would start a job. Raises NotSubmitted."""
    return _call(job, "show")


def _call(job: Job, action: str) -> str:
    """Run the submitting process; return what it printed."""
    environment = SHORT_SPIN | dict(os.environ) | {
        "GENSCOPE_HOME": job.home,
        "GENSCOPE_NODES": os.pathsep.join(map(str, custom_node_folders())),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(CODE), os.environ.get("PYTHONPATH", "")])),
    }  # fmt: skip
    log = job.path / f"{action}.log"
    with log.open("wb") as file:
        try:
            done = subprocess.run(
                [sys.executable, "-m", PROCESS, action, job.home, job.id], cwd=CODE, env=environment,
                stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True, timeout=PATIENCE_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise NotSubmitted(f"it did not answer within {PATIENCE_SECONDS:g} seconds") from None
    text = log.read_text(errors="replace")
    if done.returncode:
        raise NotSubmitted(shortened(text.strip().splitlines()[-1] if text.strip() else "no reason was given", 300))
    return text
