"""How busy the machine is with other programs, so that a measurement of speed says whether it was disturbed."""

import psutil


class OtherLoad:
    """The CPU time that other programs take. ours: process ids of the measured programs, with all their children."""

    def __init__(self, *ours: int) -> None:
        self._ours = ours
        self.restart()

    def restart(self) -> None:
        """Count from now on."""
        self._all, self._own = _spent_by_all(), self._spent()

    def share(self) -> float:
        """The share of all CPU cores that other programs have taken since the last restart: 0 to 1."""
        everything, own = _spent_by_all(), self._spent()
        idle, total = everything[0] - self._all[0], everything[1] - self._all[1]
        return max(0.0, (total - idle - (own - self._own)) / total) if total > 0 else 0.0

    def _spent(self) -> float:
        """CPU seconds of the measured programs."""
        return sum(cpu_seconds(pid) for pid in self._ours)


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process and its children; 0 if it has ended."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(sum(each.cpu_times()[:2]) for each in family if each.is_running())
    except psutil.Error:
        return 0.0


def _spent_by_all() -> tuple[float, float]:
    """CPU seconds that the machine was idle, and all of them."""
    times = psutil.cpu_times()
    return times.idle + getattr(times, "iowait", 0.0), sum(times[:8])
