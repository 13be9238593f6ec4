"""What a job asks of a cluster, in Slurm's words, checked before anything is submitted."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors.launch import UnfitResources
from pipeline.formatting import shortened

Cluster = Literal["auto", "slurm", "local"]
MOST_PROCESSES = 4096
_NAME = r"^$|^[A-Za-z0-9_.@:/+-]+$"
_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
OURS = frozenset(
    {"chdir", "error", "export", "job-name", "open-mode", "output", "parsable", "requeue", "no-requeue", "signal"}
    | {"wait", "wrap", "array", "ntasks", "ntasks-per-node", "nodes", "time"}
)
"""Options of sbatch that the job itself depends on, so that no user may set them apart."""

Name = Annotated[str, Field(max_length=200, pattern=_NAME)]


class Resources(BaseModel):
    """What a job asks for. Read by `resources`, which turns what does not fit into a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    partition: Name = Field("", title="Partition", description="The queue of Slurm; empty for the cluster's usual one.")
    account: Name = Field("", title="Account", description="Whose share is charged.")
    qos: Name = Field("", title="QoS", description="Quality of service.")
    nodes: int = Field(1, ge=1, le=1024, title="Nodes", description="Machines that train together.")
    tasks: int = Field(1, ge=1, le=64, title="Tasks per node", description="Processes on each node, one for each GPU.")
    gpus: int = Field(0, ge=0, le=64, title="GPUs per node", description="0 to train on CPUs.")
    cpus: int = Field(1, ge=1, le=1024, title="CPUs per task", description="Processor cores of each process.")
    memory: float = Field(0, ge=0, le=65536, title="Memory in GB", description="Of each node; 0 for the usual amount.")
    minutes: int = Field(
        60, ge=1, le=60 * 24 * 366, title="Time limit in minutes",
        description="After it the run is saved and queued again, until it is complete.",
    )  # fmt: skip
    notice: int = Field(
        120, ge=10, le=3600, title="Notice in seconds",
        description="How long before the time limit the run is told to save; more than a step and a checkpoint take.",
    )  # fmt: skip
    constraint: str = Field("", max_length=200, title="Constraint", description="Features that the nodes must have.")
    comment: str = Field("", max_length=200, title="Comment", description="A note that Slurm keeps with the job.")
    extra: Mapping[str, str] = Field(
        default_factory=dict, title="More options of sbatch",
        description="Each as KEY=VALUE, such as exclude=node7 or gres=gpu:h100:4.",
    )  # fmt: skip

    @property
    def processes(self) -> int:
        """How many processes train together."""
        return self.nodes * self.tasks


def resources(processes: int = 1, **given: Any) -> Resources:
    """The resources with these fields; None stands for the usual value. processes: what the workflow says; over all
    nodes, so many tasks are usual. Raises UnfitResources."""
    wanted = {name: value for name, value in given.items() if value is not None}
    try:
        found = Resources(**wanted)
        if "tasks" not in wanted:
            found = Resources(**wanted, tasks=usual_tasks(processes, found.nodes))
    except ValidationError as error:
        raise _refused(error) from None
    if found.processes > MOST_PROCESSES:
        raise UnfitResources(
            "nodes times tasks per node",
            f"is {found.processes:,}",
            f"At most {MOST_PROCESSES:,} processes train a run.",
        )
    if found.gpus and found.gpus % found.tasks:
        raise UnfitResources(
            "GPUs per node", f"is {found.gpus}, which {found.tasks} tasks cannot share equally",
            "Give each task one GPU.",
        )  # fmt: skip
    if found.notice >= found.minutes * 60:
        raise UnfitResources(
            "the notice", f"of {found.notice} seconds is as long as the time limit", "Choose a longer time limit."
        )
    for text, title in ((found.comment, "the comment"), (found.constraint, "the constraint")):
        if not text.isprintable():
            raise UnfitResources(title, "has characters that cannot be seen", "Write it in one line.")
    return found


def usual_tasks(processes: int, nodes: int) -> int:
    """Tasks on each of these nodes for so many processes; at least one."""
    return max(1, processes // max(1, nodes))


def extra_options(options: Sequence[str]) -> dict[str, str]:
    """The options "KEY=VALUE" of sbatch. Raises UnfitResources."""
    found: dict[str, str] = {}
    for option in options:
        key, sign, value = option.strip().removeprefix("--").partition("=")
        shown = f"{shortened(option.strip(), 40)!r}"
        if not sign or not _KEY.fullmatch(key) or not value or not value.isprintable() or len(value) > 200:
            raise UnfitResources("the option", f"{shown} is not of the form KEY=VALUE", "Write it as exclude=node7.")
        if key in OURS:
            raise UnfitResources("the option", f"{shown} is set by Genscope itself", "Leave it out.")
        if key in found:
            raise UnfitResources("the option", f"{key!r} is given twice", "Give it once.")
        found[key] = value
    return found


def _refused(error: ValidationError) -> UnfitResources:
    """The first thing that does not fit, as a sentence."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    title = Resources.model_fields[name].title if name in Resources.model_fields else name
    limits = first.get("ctx", {})
    given = shortened(str(first["input"]), 40)
    if "ge" in limits or "le" in limits:
        low, high = _range(name)
        return UnfitResources(f"{title}", f"is {given}", f"Choose a number from {low:,} to {high:,}.")
    if first["type"] == "string_too_long":
        return UnfitResources(f"{title}", "is too long", f"Use at most {limits['max_length']} characters.")
    if first["type"] == "string_pattern_mismatch":
        return UnfitResources(
            f"{title}", f"cannot be {given!r}", "Use letters, digits and the characters _ . @ : / + -."
        )
    low, high = _range(name)
    whole = "whole " if first["type"].startswith("int") else ""
    return UnfitResources(f"{title}", f"cannot be {given!r}", f"Choose a {whole}number from {low:,} to {high:,}.")


def _range(name: str) -> tuple[float, float]:
    bounds = {key: value for each in Resources.model_fields[name].metadata for key, value in _limits(each)}
    return bounds["ge"], bounds["le"]


def _limits(constraint: Any) -> Sequence[tuple[str, float]]:
    return [(key, getattr(constraint, key)) for key in ("ge", "le") if getattr(constraint, key, None) is not None]
