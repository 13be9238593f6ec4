"""What torchrun wrote when a process of an engine failed, in a sentence."""

import pytest

from pipeline.runtime.launcher_log import own_lines, who_ended

REPORT = """\
W1130 05:46:44.343000 17825 torch/distributed/elastic/multiprocessing/api.py:1028] Sending process 17837 SIGTERM
E1130 05:46:44.408000 17825 torch/distributed/elastic/multiprocessing/api.py:1002] failed (exitcode: 1) local_rank: 1
Traceback (most recent call last):
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
pipeline.engine FAILED
------------------------------------------------------------
Failures:
"""


def failures(*found: tuple[int, int]) -> str:
    """The part of the report that lists ranks and exit codes."""
    return "".join(
        f"[{place}]:\n  time      : 2026-11-30_05:46:44\n  host      : localhost\n"
        f"  rank      : {rank} (local_rank: {rank})\n  exitcode  : {code} (pid: 1783{rank})\n  error_file: <N/A>\n"
        for place, (rank, code) in enumerate(found)
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (((0, -15), (1, -9)), "process 1 was ended by signal 9 (SIGKILL)"),
        (((0, 1), (1, -11)), "process 1 was ended by signal 11 (SIGSEGV)"),
        (((0, -15), (1, 1)), "process 1 ended with exit code 1: ValueError: broken here"),
        (((0, 1), (1, 1)), "process 1 ended with exit code 1: ValueError: broken here"),
        (((0, -6),), "process 0 was ended by signal 6 (SIGABRT)"),
        ((), ""),
    ],
)
def test_the_process_that_began_is_named(found: tuple[tuple[int, int], ...], said: str) -> None:
    assert who_ended(f"ValueError: broken here\n{REPORT}{failures(*found)}") == said


def test_the_report_of_torchrun_does_not_hide_what_the_processes_said() -> None:
    log = f"\n*****\nsome note\n\nValueError: broken here\n{REPORT}{failures((1, 1))}"
    assert own_lines(log) == ["some note", "ValueError: broken here"]


def test_a_log_of_one_process_is_its_own() -> None:
    assert own_lines("first\nlast\n\n") == ["first", "last"]
    assert who_ended("first\nlast\n") == ""
