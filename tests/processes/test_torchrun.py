"""Real processes under torchrun: a killed one comes back, and the sentence of one that fails is the run's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pipeline
from pipeline.graph import document
from pipeline.runs.store import Store
from tests.bench.restarts import Restarts
from tests.nodes import plain_modules

ROOT = Path(pipeline.__file__).parent.parent
STEPS = 200
FAILING = plain_modules.NETWORKS.replace(
    '        if self.fault == "exits":\n            sys.exit(3)\n',
    "        self.calls = getattr(self, 'calls', 0) + self.training\n"
    "        if self.calls > 8 and __import__('os').environ['RANK'] == '1':\n"
    "            raise ValueError('too bright')\n",
)


@pytest.mark.slow
def test_a_run_of_two_processes_one_of_which_is_killed_equals_one_that_was_not(home: Path) -> None:
    with Restarts(home, STEPS, seed=0) as restarts:
        found = restarts.kill(process=1, share=0.5)
    print(found)
    assert found.came_back, found.said
    assert found.resumed is not None
    assert (found.last, found.lost, found.differs) == (STEPS, 0, None)
    with Store(home) as store:
        assert [record.processes for record in store.recent()] == [2, 2]


@pytest.mark.slow
def test_what_fails_in_one_process_ends_both_with_its_sentence(home: Path, tmp_path: Path) -> None:
    plain_modules.write(tmp_path / "own", FAILING)
    with plain_modules.loaded(tmp_path / "own", FAILING):
        (tmp_path / "skipping.json").write_text(document.write(plain_modules.skipping()))
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"),
            *("-m", "pipeline", "train", str(tmp_path / "skipping.json"), "--steps", "20"),
        ],
        cwd=ROOT,
        env=os.environ | {"GENSCOPE_HOME": str(home), "GENSCOPE_NODES": str(tmp_path / "own"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    with Store(home) as store:
        (record,) = store.recent()
    assert "Skipping (generator) failed to run its stage 'generate': too bright" in record.error
    assert record.error.startswith("Process 1 on ")
    assert (record.state, record.error_node) == ("failed", "generator")
    assert finished.returncode == 1
    assert finished.stdout == ""
    # Before torchrun's own summary, which it prints of every process that has failed.
    ours = finished.stderr.partition("failed (exitcode")[0]
    assert ours.count("too bright") == 1
    assert "Traceback" not in ours
