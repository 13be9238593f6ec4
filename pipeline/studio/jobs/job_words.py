"""A job in words."""

from collections.abc import Mapping

from pipeline.formatting import ago, counted
from pipeline.launch.states import Word
from pipeline.studio.jobs.job_rows import JobRow

STATES: Mapping[Word, str] = {
    "waiting": "Waits in the queue{where}, submitted {since}",
    "running": "Running{where}, started {since}",
    "requeued": "Saved, and waits in the queue to go on{where}; last started {since}",
    "done": "Done{where}, {since}",
    "paused": "Ended with its run paused{where}, {since}",
    "failed": "Failed{where}, {since}",
    "cancelled": "Cancelled{where}, {since}",
    "unknown": "Not known{where}, submitted {since}",
}


def job_words(row: JobRow) -> str:
    """What a job does, since when and where, in sentences."""
    state = row.state
    words = STATES[state.word].format(where=f" on {state.where}" if state.where else "", since=ago(state.since))
    return f"{words}. {state.reason}".strip()


def resource_words(row: JobRow) -> str:
    """What a job asked for, in a few words: "2 processes, on 2 nodes, 2 GPUs, 8 GB, 60 minutes", all nodes together."""
    asked = row.job.resources
    words = [counted(asked.processes, "process", "processes")]
    if asked.nodes > 1:
        words.append(f"on {counted(asked.nodes, 'node')}")
    if asked.gpus:
        words.append(f"{counted(asked.gpus * asked.nodes, 'GPU')}")
    if asked.memory:
        words.append(f"{asked.memory * asked.nodes:g} GB")
    words.append(counted(asked.minutes, "minute"))
    return ", ".join(words)


def submitted_words(row: JobRow) -> str:
    """What was submitted, in sentences."""
    number = f"Slurm has queued it as {row.number}" if row.job.cluster == "slurm" else "It runs on this machine"
    shared = counted(row.job.processes, "process", "processes")
    return f"{row.job.name!r} is submitted as job {row.job.id}, with {shared}. {number}."
