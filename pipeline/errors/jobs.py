"""Errors about the jobs of a cluster."""

from pipeline.errors.base import Fault, Refusal


class UnusableJobName(Refusal):
    """A text that cannot be the name of a job's folder."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name[:60]!r} cannot be the name of a job: choose 1 to 100 of the characters A-Z, a-z, 0-9, _, . and -, "
            "of which the first is no . or -."
        )


class JobExists(Refusal):
    """A name under which a job was prepared already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The home has a job {name!r} already: choose another name, or delete its folder.")


class JobNotPrepared(Fault):
    """A job whose folder the home does not have, or not whole: a worker cannot record anything."""

    def __init__(self, name: str, home: str) -> None:
        super().__init__(
            f"The job {name!r} was not prepared in {home}, so its worker has no place to record to. Submit it again, "
            "with GENSCOPE_HOME on a file system that both machines share."
        )


class WorkerRecordsRunsOnly(Refusal):
    """Something else than a run was to be recorded in the database of a cluster job."""

    def __init__(self) -> None:
        super().__init__(
            "A cluster job on another machine records the run that it trains, and nothing else: change names, tags and "
            "the queue on the machine that has the home."
        )
