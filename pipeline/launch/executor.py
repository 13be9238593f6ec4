"""submitit's executor with a job's resources: what submits the job, and what writes its batch file.

submitit (https://github.com/facebookincubator/submitit) pickles a call, has the queue start `python -m
submitit.core._submit` once for each task, and queues the job again after a time limit or a preemption.
"""

import os
import shlex
from collections.abc import Callable
from pathlib import Path

from submitit import AutoExecutor

from pipeline.formatting import shortened
from pipeline.launch.jobs import Job

RESTARTS = 10_000
"""Time limits after which a job is queued again; submitit's own limit of three would end a long run unfinished."""
EXPORTED = ("PYTHONPATH", "GENSCOPE_HOME", "GENSCOPE_NODES")
"""Variables written into the batch file: some clusters hand none on. GENSCOPE_DATABASE_URL is not among them, since it
may hold a password."""


def executor_for(job: Job, folder: Path) -> AutoExecutor:
    """The executor. folder: where the batch file, the pickle and the logs lie; private to the user."""
    asked = job.resources
    made = AutoExecutor(folder, cluster=job.cluster, slurm_max_num_timeout=RESTARTS, local_max_num_timeout=RESTARTS)
    made.update_parameters(
        name=shortened(job.name, 40),
        timeout_min=asked.minutes,
        nodes=asked.nodes,
        tasks_per_node=asked.tasks,
        cpus_per_task=asked.cpus,
        gpus_per_node=asked.gpus or None,
        mem_gb=asked.memory or None,
        slurm_partition=asked.partition or None,
        slurm_account=asked.account or None,
        slurm_qos=asked.qos or None,
        slurm_constraint=asked.constraint or None,
        slurm_comment=asked.comment or None,
        slurm_signal_delay_s=asked.notice,
        slurm_additional_parameters=dict(asked.extra) or None,
        slurm_setup=[f"export {name}={shlex.quote(os.environ[name])}" for name in EXPORTED if name in os.environ],
    )
    if job.cluster == "local":
        # Its name for this, which AutoExecutor does not let through.
        made.parameters["signal_delay_s"] = asked.notice
    return made


def batch_file(job: Job, folder: Path) -> str:
    """The batch file with which Slurm would start the job."""
    # submitit has no other way to see the file without submitting it.
    inner = executor_for(job, folder)._executor
    text: str = inner._make_submission_file_text(inner._submitit_command_str, "")  # type: ignore[attr-defined]
    return text


def submitted(job: Job, call: Callable[[], object]) -> str:
    """Submit a call for every task of the job; return the queue's number of the job. Raises what submitit raises."""
    return str(executor_for(job, job.path).submit(call).job_id)
