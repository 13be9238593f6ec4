"""`bench`: what is measured, on a very quick real measurement, and what is refused."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from pipeline.bench.registry import MEASUREMENTS

ROOT = Path(__file__).parents[2]


def test_every_measurement_is_listed_with_its_aim_and_every_row_is_unique(run):
    code, facts, _ = run("bench", "--list")
    assert code == 0
    rows = [row for measurement in facts["measurements"] for row in measurement["rows"]]
    assert len({row["name"] for row in rows}) == len(rows)
    assert {"dcgan, loop by hand", "mlp-gan, bare passes", "20 viewers", "memory", "two ranks"} <= {
        row["name"] for row in rows
    }
    assert sum(measurement.seconds for measurement in MEASUREMENTS) <= 720


def test_a_quick_measurement_of_a_template_and_of_storage(run):
    code, facts, err = run("bench", "--quick", "--only", "storage", "autoencoder")
    assert code == 0, err
    named = {row["name"]: row for row in facts["results"]}
    assert list(named) == ["autoencoder, loop by hand", "autoencoder, bare passes", "storage"]
    loop = named["autoencoder, loop by hand"]
    assert loop["turns"] == 3 and 0 < loop["low"] <= loop["median"] <= loop["high"]
    assert 4 < named["storage"]["median"] < 6
    assert facts["quick"] and facts["machine"]["cpus"] >= 1
    assert "2 of 2, storage: records 50,000 numbers" in err


def test_an_unknown_measurement_is_refused_with_the_nearest_name(run):
    code, facts, _ = run("bench", "--only", "veiwers")
    assert (code, facts["kind"]) == (2, "UnknownMeasurement")
    assert "did you mean 'viewers'?" in facts["error"]


def test_a_stopped_benchmark_leaves_no_process_and_no_folder(tmp_path, wait_for):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "pipeline", "bench", "--only", "memory", "--json"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        family = psutil.Process(process.pid)
        wait_for(lambda: any("pipeline.bench.small_run" in each.cmdline() for each in family.children()))
        children = family.children(recursive=True)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        answer = json.loads(process.communicate(timeout=60)[0])
    assert (process.returncode, answer["kind"]) == (130, "Stopped")
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
    assert list(tmp_path.glob("genscope-bench-*")) == []
