"""One process that writes a run and eight that read it, each with a store of its own, on one home.

Each step has three values that belong together: its number, its negative and its square root. What is written at once
is 7 steps long, so a reader that saw half of a write would find a number of steps that is no multiple of 7, or series
of different lengths. The run's record is updated after each write, so it may be behind the metrics, but never ahead.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.runs import metrics, point_series
from pipeline.runs.store import Store

ROOT = Path(__file__).parents[2]
AT_ONCE = 7
MEASURED_EVERY = 10
"""Steps that are written at once, and writes from one measurement to the next."""


@dataclass(frozen=True)
class Readings:
    """written: steps. measured: points. read: how often the readers read the whole run. faults: what a process found
    wrong, in words. lost: steps and points that are missing at the end. slowest: of all writes, in seconds."""

    written: int
    measured: int
    read: int
    faults: tuple[str, ...]
    lost: int
    slowest: float


def read_while_writing(home: Path, seconds: float, readers: int) -> Readings:
    """Write for so many seconds while `readers` processes read."""
    with Store(home, _url(home)) as store:
        run = store.create(
            name="written", workflow_text="{}", device="cpu", seed=0, total_steps=1, batch_size=1, train_images=1,
            who="",
        ).id  # fmt: skip
        roles = ["write", *["read"] * readers]
        command = [sys.executable, "-W", "error", "-m", "tests.bench.readers"]
        processes = [
            subprocess.Popen(
                [*command, role, str(home), run, str(seconds)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for role in roles
        ]
        ends = [(process.communicate(timeout=seconds + 120), process.returncode) for process in processes]
        faults = [complaints.strip().splitlines()[-1] for (_, complaints), code in ends if code]
        said = [json.loads(out) for (out, _), code in ends if not code]
        faults += [fault for each in said for fault in each.get("faults", [])]
        wrote = next((each for each in said if "written" in each), {"written": 0, "measured": 0, "slowest": 0.0})
        steps = np.concatenate([np.empty(0, np.int64), *(at for at, _ in metrics.rows(store, run))])
        points = point_series.read(store, run, ["grid"])
        lost = len(set(range(1, wrote["written"] + 1)) ^ set(steps.tolist()))
        lost += abs(wrote["measured"] - (len(points["grid"].steps) if points else 0))
    read = sum(each.get("read", 0) for each in said)
    return Readings(wrote["written"], wrote["measured"], read, tuple(faults), lost, wrote["slowest"])


def _write(store: Store, run: str, seconds: float) -> dict[str, object]:
    end, step, measured, slowest = time.monotonic() + seconds, 0, 0, 0.0
    while time.monotonic() < end:
        begun = time.perf_counter()
        number = np.arange(step + 1, step + AT_ONCE + 1)
        values = np.stack([number, -number, np.sqrt(number)], axis=1)
        metrics.append(store, run, step + 1, ["number", "negative", "root"], values)
        step += AT_ONCE
        store.update(run, state="running", step=step)
        if step % (AT_ONCE * MEASURED_EVERY) == 0:
            point_series.record(store, run, step, {"grid": step})
            measured += 1
        slowest = max(slowest, time.perf_counter() - begun)
    return {"written": step, "measured": measured, "slowest": slowest}


def _read(store: Store, run: str, seconds: float) -> dict[str, object]:
    end, reads = time.monotonic() + seconds, 0
    faults: list[str] = []
    while time.monotonic() < end and not faults:
        before = store.run(run).step
        curves = metrics.history(store, run, ["number", "negative", "root"], bands=256)
        number, negative = curves.series["number"], curves.series["negative"]
        last = int(curves.steps[-1]) if len(curves.steps) else 0
        if last % AT_ONCE or curves.points != last:
            faults.append(f"{last} steps, {curves.points} points: half of a write")
        if not np.array_equal(number.last, curves.steps) or not np.array_equal(number.last, -negative.last):
            faults.append(f"the values at step {last} do not belong together")
        if last < before:
            faults.append(f"the record was at step {before}, the metrics at {last}")
        store.recent(20), store.events(run)
        reads += 1
    return {"read": reads, "faults": faults}


def _url(home: Path) -> str:
    return f"sqlite:///{home}/genscope.sqlite"


def main() -> None:
    role, home, run, seconds = sys.argv[1:]
    with Store(Path(home), _url(Path(home))) as store:
        print(json.dumps((_write if role == "write" else _read)(store, run, float(seconds))))


if __name__ == "__main__":
    main()
