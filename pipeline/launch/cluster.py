"""Which cluster trains a job: Slurm where `srun` exists, or this machine."""

import shutil
from typing import Literal

from pipeline.errors.launch import NoSlurm, UnfitResources, UnknownPartition
from pipeline.launch import slurm
from pipeline.launch.resources import Cluster, Resources

HERE = "There is no Slurm on this machine (`srun` was not found), so the job runs on this machine."
"""What to say where a job is not queued by a cluster, though the user has not asked for that."""
_OF_SLURM = ("partition", "account", "qos", "constraint", "comment")


def chosen_cluster(wanted: Cluster) -> Literal["slurm", "local"]:
    """The cluster for this choice. Raises NoSlurm."""
    if wanted == "local":
        return "local"
    if shutil.which("srun") is not None:
        return "slurm"
    if wanted == "slurm":
        raise NoSlurm
    return "local"


def require_cluster(cluster: Literal["slurm", "local"], asked: Resources) -> None:
    """Raises UnknownPartition or UnfitResources if the cluster cannot have these resources."""
    if cluster == "slurm":
        known = slurm.partitions()
        if asked.partition and known and asked.partition not in known:
            raise UnknownPartition(asked.partition, known)
        return
    if asked.nodes > 1:
        raise UnfitResources("nodes", f"is {asked.nodes}, and this machine is one", "Choose 1, or submit to Slurm.")
    named = [name for name in _OF_SLURM if getattr(asked, name)] + [f"option {key}" for key in asked.extra]
    if named:
        raise UnfitResources(
            f"the {named[0]}", "is for Slurm, and the job runs on this machine", "Leave it out, or submit to Slurm."
        )
