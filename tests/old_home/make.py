"""Creates the home of version 23f0672 that the tests use, and what that version computes when it resumes its runs.

    python -m tests.old_home.make

writes `home/`, `expected.npz` and `expected.json` next to this file. RUN IT WITH THAT VERSION ONLY (`git worktree add
../old 23f0672`, with this folder and `tests/recorded/machine.py` copied into it): with a later version the home would
not be old, and the test would compare a version with itself. This file is kept for reference and uses that version's
names.

Five runs on scikit-learn's 8×8 digits, on one CPU thread; all can be resumed bit for bit:

    gan            60 steps by the command line, then debugged: a breakpoint, a watch, journal entries (one update of
                   the discriminator only, a changed learning rate), probes, 25 more steps
    fork           a fork of gan: a wider generator, and adaptive DiffAugment, whose strength is part of the state
    conditional    a class-conditional DCGAN, 50 steps
    vae            convolutional, 50 steps, in the middle of its KL warm-up
    autoencoder    fully connected, 50 steps
"""

import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pipeline.engine.worker import TrainingWorker
from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.runs import workflows
from pipeline.runtime.messages import Command
from pipeline.training.threads import available_cpus
from tests.old_home.going_on import ARRAYS, FACTS, FOLDER, HOME, command, digest, go_on, kept
from tests.recorded.machine import facts

TEMPLATES = FOLDER.parents[1] / "pipeline" / "templates"
SMALL = ("data.dataset=digits", "training.batch_size=8", "training.seed=7", "samples.every=20", "samples.count=16")
MLP = ("generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16", "noise.dim=8")
DCGAN = ("generator.image_size=8", "generator.base_channels=4", "discriminator.base_channels=4", "noise.dim=8")
CODING = ("decoder.image_size=8", "noise.dim=4")
RUNS = {
    "gan": ("mlp-gan", 60, (*MLP, "training.ema_halflife_images=200")),
    "conditional": ("conditional-dcgan", 50, (*DCGAN, "training.ema_halflife_images=200")),
    "vae": ("vae", 50, (*CODING, "encoder.base_channels=4", "decoder.base_channels=4", "objective.kl_warmup_steps=80")),
    "autoencoder": ("autoencoder", 50, (*CODING, "encoder.hidden=16", "decoder.hidden=16")),
}


def make(home: Path) -> dict[str, str]:
    """Train all runs in `home`; returns their ids by name."""
    (home / "threads.json").write_text(json.dumps({"cpus": available_cpus(), "threads": 1}), encoding="utf-8")
    runs = {name: _trained(name, *plan) for name, plan in RUNS.items()}
    runs["fork"] = _debugged_and_forked(home, runs["gan"])
    return runs


def _trained(name: str, template: str, steps: int, settings: tuple[str, ...]) -> str:
    options = [option for setting in (*SMALL, *settings) for option in ("--set", setting)]
    workflow = TEMPLATES / f"{template}.json"
    return str(command("train", workflow, "--steps", steps, "--name", name, "--device", "cpu", *options)["run"])


class _Undisturbed:
    def interrupted(self) -> bool:
        return False


def _debugged_and_forked(home: Path, run: str) -> str:
    """Debug and fork the run as a user would on the pages; returns the id of the fork."""
    worker = TrainingWorker(home, publish=lambda snapshot: None)

    def ask(kind: str, **arguments: Any) -> None:
        worker.obey(Command(kind, run=worker.snapshot.run, who="Grace", arguments=arguments))

    def chunk(steps: int) -> None:
        ask("chunk", steps=steps)
        while worker.busy:
            worker.advance(_Undisturbed())  # type: ignore[arg-type]

    ask("resume", run=run, paused=True)
    watching = {
        "breakpoints": [{"expression": "D_real > 1.5 and mean(G_grad_norm, 10) < 1e-3", "enabled": True}],
        "watches": ["G_loss - D_loss"],
    }
    ask("set_watching", watching=watching)
    ask("set_probes", every=10)
    chunk(5)
    ask("only", role="discriminator")
    ask("set_live", node="generator_optimizer", parameter="learning_rate", value=0.0005)
    chunk(20)
    ask("save")
    workflow = document.read((TEMPLATES / "mlp-gan.json").read_text(encoding="utf-8"), "mlp-gan")
    changed = edit.apply_settings(workflow, [*SMALL, *RUNS["gan"][2], "generator.hidden=24"], NODES)
    changed, augment = edit.insert_node(changed, "DiffAugment", "objective", NODES)
    changed = edit.apply_settings(changed, [f"{augment}.adaptive=true", f"{augment}.adjust_images=1000"], NODES)
    changed = edit.set_parameter(changed, "training", "device", "cpu", NODES)
    workflows.save(home, "wider", document.write(replace(changed, name="wider")))
    ask("fork", workflow=document.write(replace(changed, name="fork")))
    ask("pause")
    chunk(30)
    worker.close()
    return worker.snapshot.run


def _tidy(home: Path) -> None:
    """Remove what does not belong in a repository: locks, the database's log files, exports and the data cache."""
    with closing(sqlite3.connect(home / "genscope.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in (*home.rglob("lock"), *home.glob("genscope.sqlite-*"), *home.glob("*.csv"), *home.glob("drawn.png")):
        path.unlink()
    # The images come from scikit-learn and will be read again.
    shutil.rmtree(home / "data")


def main() -> None:
    os.environ |= {"LOGNAME": "Ada", "GENSCOPE_HOME": str(HOME)}
    os.environ.pop("GENSCOPE_DATABASE_URL", None)
    torch.set_num_threads(1)
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir()
    runs = make(HOME)
    _tidy(HOME)
    arrays: dict[str, Any] = {}
    digests = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(HOME, Path(folder) / "home")
        os.environ["GENSCOPE_HOME"] = str(copy)
        listed = command("runs")["runs"]
        for name, run in runs.items():
            arrays |= {f"{name}/before/{key}": each for key, each in kept(copy, run).items()}
            after = go_on(copy, run)
            arrays |= {f"{name}/after/{key}": each for key, each in after.items()}
            digests[name] = digest(after)
    np.savez_compressed(ARRAYS, **arrays)
    content = {"machine": facts(), "runs": runs, "weights": digests, "listed": listed}
    FACTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
