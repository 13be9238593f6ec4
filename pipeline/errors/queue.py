"""Errors about the queue of runs and about sweeps."""

from pipeline.errors.base import Fault, Refusal


class UnknownEntry(Refusal):
    """An id that no entry of the queue has."""

    def __init__(self, entry: str) -> None:
        super().__init__(
            f"The queue has no entry {entry[:60]!r}; it may have been cleared. `python -m pipeline queue` lists all."
        )


class UnknownSweep(Refusal):
    """A name of a sweep of which no run waits."""

    def __init__(self, sweep: str) -> None:
        super().__init__(
            f"No run of a sweep {sweep[:60]!r} waits in the queue. `python -m pipeline queue` lists what waits."
        )


class NotWaiting(Refusal):
    """An entry that is not waiting, so that it cannot be moved, held or cancelled. now: what it is instead. remedy: a
    sentence."""

    def __init__(self, entry: str, name: str, now: str, remedy: str = "") -> None:
        super().__init__(f"{name!r} ({entry}) does not wait in the queue: {now}.{f' {remedy}' if remedy else ''}")


class NotPutBack(Refusal):
    """An entry that cannot be put back into the queue. why: a clause."""

    def __init__(self, entry: str, name: str, why: str) -> None:
        super().__init__(f"{name!r} ({entry}) is not put back into the queue: {why}.")


class NothingWaits(Refusal):
    """A command to start the next run of a queue in which none waits."""

    def __init__(self) -> None:
        super().__init__("No run waits in the queue that could start. Add one, or release one that is held.")


class QueueBusy(Refusal):
    """A moment in which another process starts a run of the queue."""

    def __init__(self) -> None:
        super().__init__("Another process is starting a run of this queue. Wait until it trains, then start the next.")


class MalformedSweep(Refusal):
    """Values of a parameter that cannot be read. option: as the user wrote them. reason: a clause."""

    def __init__(self, option: str, reason: str, remedy: str) -> None:
        text = option if len(option) <= 60 else f"{option[:59]}…"
        super().__init__(f"The values {text!r} cannot be read: {reason}. {remedy}")


class UnusableSweep(Refusal):
    """A sweep as a whole that is refused. reason: a clause. remedy: a sentence."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"The sweep was not added to the queue: {reason}. {remedy}")


class UnusableTime(Refusal):
    """A time at which no run can start. reason: a clause. remedy: a sentence."""

    def __init__(self, text: str, reason: str, remedy: str) -> None:
        super().__init__(f"{text[:40]!r} is not a time at which a run can start: {reason}. {remedy}")


class PreparationLost(Fault):
    """Why an entry was given up whose process ended while it prepared the run."""

    def __init__(self) -> None:
        super().__init__("The process that prepared this run ended unexpectedly. Retry it to put it back at the front.")
