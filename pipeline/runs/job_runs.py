"""The runs of jobs, and this process's job if it is a task of one."""

import os
from collections.abc import Collection

from sqlalchemy import select

from pipeline.runs import schema
from pipeline.runs.store import RunRecord, Store

VARIABLE = "GENSCOPE_JOB"


def this_job() -> str:
    """The id of the job that this process belongs to; "" if it belongs to none."""
    return os.environ.get(VARIABLE, "")


def run_of_job(store: Store, job: str) -> RunRecord | None:
    """The newest run that this job trains, or last trained; None if there is none."""
    query = select(schema.runs.c.id).where(schema.runs.c.job == job).order_by(schema.runs.c.id.desc()).limit(1)
    with store.database.reading() as connection:
        found = connection.execute(query).scalar_one_or_none()
    return None if found is None else store.run(found)


def runs_of_jobs(store: Store, jobs: Collection[str]) -> dict[str, str]:
    """The id of the newest run of each of these jobs that has one, by job."""
    query = select(schema.runs.c.job, schema.runs.c.id).where(schema.runs.c.job.in_(jobs)).order_by(schema.runs.c.id)
    with store.database.reading() as connection:
        return {row.job: row.id for row in connection.execute(query)}
