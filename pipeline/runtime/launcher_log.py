"""The log of an engine of several processes: torchrun writes its own report below what the processes wrote.

Read for two sentences: why the engine did not start, and which process ended it. The report is for people, so another
version of torch may word it in another way; what is then not found is left out.
"""

import re
from signal import Signals

_REPORT = re.compile(r"^[WE]\d{4} [\d:.]+ \d+ torch/distributed/")
"""The first line that torchrun writes once a process has failed, in glog's format."""
_FAILURE = re.compile(r"rank\s+: (\d+) \(local_rank: \d+\)\s+exitcode\s+: (-?\d+)")


def own_lines(log: str) -> list[str]:
    """The lines of the processes, without blank ones and without torchrun's report."""
    found = []
    for line in log.splitlines():
        if _REPORT.match(line):
            break
        if line.strip(" *"):
            found.append(line.strip())
    return found


def who_ended(log: str) -> str:
    """Which process ended the others, in words: "process 1 was ended by signal 9 (SIGKILL)"; "" if the log does not say
    it. Processes count from 0, the one that records the run.

    A process that torchrun itself has ended (signal 15), or that lost the others, is not the one that began.
    """
    failures = [(int(rank), int(code)) for rank, code in _FAILURE.findall(log)]
    if not failures:
        return ""
    rank, code = min(failures, key=_suspicion)
    if code < 0:
        return f"process {rank} was ended by {_signal(-code)}"
    last = own_lines(log)[-1:]
    return ": ".join([f"process {rank} ended with exit code {code}", *(line[:200] for line in last)])


def _suspicion(failure: tuple[int, int]) -> tuple[bool, bool, bool]:
    """A key that is least for the process that has ended the others most probably."""
    rank, code = failure
    return code == -15, code > 0, rank == 0


def _signal(number: int) -> str:
    try:
        return f"signal {number} ({Signals(number).name})"
    except ValueError:
        return f"signal {number}"
