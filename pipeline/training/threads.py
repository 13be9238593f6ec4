"""The number of CPU threads of a run: a parameter of its training node, or a rule that depends on the machine alone.

The number affects results: sums in another order differ in their last bits, and training amplifies that. So it is
neither measured, which other processes would disturb, nor left to each process: machines of one kind choose the same
number, the run records it, and every process that continues the run uses it.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

import psutil

MOST_CHOSEN = 8
"""The rule chooses at most this many: the layers of small networks are too small for more, which then only wait."""

CGROUPS = Path("/sys/fs/cgroup")


def thread_count(fixed: int = 0, processes: int = 1) -> int:
    """The threads of each process of a new run. fixed: the training node's parameter; 0 for the rule. processes: of the
    run on this machine, which share its cores.

    The rule: as many as there are physical cores, because two threads that share a core are hardly faster than one. A
    process with fewer CPUs, by affinity (taskset, a cluster's queue) or by a container's quota, chooses fewer. Never
    more than MOST_CHOSEN. What else runs on the machine does not count.
    """
    cores = min(psutil.cpu_count(logical=False) or available_cpus(), available_cpus())
    return fixed or max(1, min(cores // processes, MOST_CHOSEN))


def thread_count_of_old_run(home: Path, fixed: int = 0) -> int:
    """The threads of a run from before runs recorded them: those that its home has measured, else `thread_count`.

    Its checkpoint, which also has the number, takes precedence.
    """
    try:
        known = json.loads((home / "threads.json").read_bytes())
        if known["cpus"] == _allowed_cpus() and 1 <= known["threads"] <= known["cpus"]:
            return int(known["threads"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # Never measured, or the file is invalid.
    return thread_count(fixed)


def available_cpus(cgroups: Path = CGROUPS) -> int:
    """The number of CPUs that this process may use: those of its affinity, or its container's quota if that is less."""
    return min(_allowed_cpus(), max(1, _quota(cgroups) or _allowed_cpus()))


@contextmanager
def using_threads(count: int | None) -> Iterator[None]:
    """Context in which torch computes with `count` CPU threads; None leaves their number as it is."""
    import torch

    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if torch.get_num_threads() != before:
            torch.set_num_threads(before)


def _allowed_cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _quota(cgroups: Path) -> int:
    """The CPUs that a container's quota allows, rounded up; 0 without one.

    Inside a container its own group is the root of `cgroups`; elsewhere no quota is found.
    """
    try:
        # Version 2 of cgroups: "200000 100000", or "max 100000" without a quota.
        most, period = (cgroups / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            most = (cgroups / "cpu" / "cpu.cfs_quota_us").read_text()
            period = (cgroups / "cpu" / "cpu.cfs_period_us").read_text()
        except OSError:
            return 0
    try:
        return max(0, ceil(int(most) / int(period)))
    except (ValueError, ZeroDivisionError):
        return 0
