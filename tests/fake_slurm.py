"""A cluster without nodes: Slurm's commands as scripts, which answer what a test has written down."""

from pathlib import Path

import pytest

NUMBER = "4711"


class FakeSlurm:
    """Commands first on the PATH. batch: the file that was submitted last. cancelled: what was cancelled."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, *partitions: str) -> None:
        self._folder = folder
        folder.mkdir()
        self._command("sbatch", f"test -e {folder}/refusal && cat {folder}/refusal >&2 && exit 1",
                      f'cp "$1" {folder}/batch', f"echo Submitted batch job {NUMBER}")  # fmt: skip
        self._command("squeue", f"cat {folder}/queue")
        self._command("sinfo", f"cat {folder}/partitions")
        self._command("scancel", f'echo "$@" >> {folder}/cancelled')
        self._command("srun", "exit 1")
        (folder / "partitions").write_text("".join(f"{name}\n" for name in partitions))
        self.queue("")
        patch.setenv("PATH", str(folder), prepend=":")

    def queue(self, state: str | None, reason: str = "None", where: str = "") -> None:
        """Have squeue list the job in this state; "": no job. None: squeue fails."""
        place = self._folder / "queue"
        place.unlink(missing_ok=True)
        if state is not None:
            place.write_text(f"{NUMBER}|{state}|{reason}|{where}\n" if state else "")

    def refuse(self, reason: str) -> None:
        """Have sbatch refuse every job."""
        (self._folder / "refusal").write_text(reason)

    @property
    def batch(self) -> str:
        return (self._folder / "batch").read_text()

    @property
    def submitted(self) -> bool:
        return (self._folder / "batch").exists()

    @property
    def cancelled(self) -> str:
        return (self._folder / "cancelled").read_text().strip()

    def _command(self, name: str, *lines: str) -> None:
        path = self._folder / name
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(0o755)
