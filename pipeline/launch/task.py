"""The environment of one task of a job, as torchrun sets it for its processes.

Read from submitit's job environment, which is Slurm's: https://slurm.schedmd.com/sbatch.html, "Output environment
variables". The names are those of https://docs.pytorch.org/docs/stable/elastic/run.html.
"""

import random

LOWEST_PORT, HIGHEST_PORT = 20_000, 60_000


def torchrun_environment() -> dict[str, str]:
    """RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR and MASTER_PORT."""
    from submitit import JobEnvironment

    job = JobEnvironment()
    # All tasks must choose the same port without having spoken to each other.
    port = random.Random(job.job_id).randint(LOWEST_PORT, HIGHEST_PORT)
    return {
        "RANK": str(job.global_rank),
        "WORLD_SIZE": str(job.num_tasks),
        "LOCAL_RANK": str(job.local_rank),
        "LOCAL_WORLD_SIZE": str(job.num_tasks // job.num_nodes),
        # On one node nothing is sent over the network.
        "MASTER_ADDR": "127.0.0.1" if job.num_nodes == 1 else job.hostnames[0],
        "MASTER_PORT": str(port),
    }
