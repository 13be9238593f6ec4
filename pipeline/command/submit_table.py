"""Jobs as the command line prints them: a table for people, facts for --json."""

from collections.abc import Sequence
from typing import Any

from pipeline.command.answer import CommandResult
from pipeline.formatting import ago, visible
from pipeline.launch.jobs import Job
from pipeline.launch.logs import MOST_TASKS, Log
from pipeline.studio.jobs.job_rows import JobRow
from pipeline.studio.queue.queue_view import iso_time


def listed_jobs(rows: Sequence[JobRow]) -> CommandResult:
    """All jobs, newest first."""
    facts = {"jobs": [job_facts(row) for row in rows]}
    if not rows:
        return CommandResult(facts, "There are no jobs. Submit one with `python -m pipeline submit WORKFLOW`.")
    return CommandResult(facts, "\n".join(_table(rows)))


def job_facts(row: JobRow) -> dict[str, Any]:
    """A job for --json."""
    job, state = row.job, row.state
    return {
        "job": job.id,
        "number": row.number,
        "cluster": job.cluster,
        "name": job.name,
        "run": row.run,
        "step": row.record.step if row.record else None,
        "total_steps": row.record.total_steps if row.record else None,
        "state": state.word,
        "reason": state.reason,
        "since": iso_time(state.since) if state.since else None,
        "where": state.where,
        "processes": job.processes,
        "resources": job.resources.model_dump(),
        "who": job.who,
        "created": iso_time(job.created),
    }


def printed_logs(job: Job, logs: Sequence[Log]) -> CommandResult:
    """The last lines of each task."""
    facts = [{"task": log.task, "stream": log.stream, "lines": list(log.lines)} for log in logs]
    lines: list[str] = []
    for log in logs:
        if log.lines:
            lines += [f"Task {log.task}, {log.stream}:", *(f"    {visible(line)}" for line in log.lines)]
    if job.processes > MOST_TASKS:
        lines.append(f"The logs of tasks {MOST_TASKS} to {job.processes - 1} are in {visible(str(job.path))}.")
    return CommandResult(
        {"job": job.id, "logs": facts}, "\n".join(lines) or f"The tasks of {job.id} have printed nothing yet."
    )


def _table(rows: Sequence[JobRow]) -> list[str]:
    cells = [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row, texts in zip(rows, cells, strict=True):
        lines.append("  ".join(map(str.ljust, texts, widths)).rstrip())
        if row.state.reason:
            lines.append(f"    {visible(row.state.reason)}")
    return lines


def _cells(row: JobRow) -> tuple[str, ...]:
    state = row.state
    return (
        row.job.id,
        f"Slurm {row.number}" if row.job.cluster == "slurm" else "this machine",
        f"run {row.run}" if row.run else "no run",
        f"{row.steps} steps" if row.steps else "",
        state.word,
        ago(state.since) if state.since else "",
        visible(state.where),
        visible(f"{row.job.name} ({row.job.who})" if row.job.who else row.job.name),
    )
