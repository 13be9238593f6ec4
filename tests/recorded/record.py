"""Record two real runs for the health hints: a relativistic GAN with and without its penalties, otherwise equal.

    python -m tests.recorded.record

trains both (about ten seconds each on one thread) and writes `healthy.npz` and `collapsed.npz` next to this file: every
series of every step as float32, with the checkup's values repeated until the next checkup, as in an engine.
The networks are fully connected, trained on scikit-learn's 8×8 digits with a learning rate that is high for them.
Without R1 and R2 the discriminator's gradients grow without bound and the generator collapses to a single image (R3GAN,
arXiv 2501.05441, uses both).
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.families.adversarial import family
from pipeline.graph import edit
from pipeline.graph.workflow import Workflow
from pipeline.health.hint import Hint
from pipeline.health.history import History
from pipeline.health.rules import hints
from pipeline.inspection.checkup import SampleCheckup
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.runs.series import checkup_of, names_of
from pipeline.studio import workflows
from pipeline.training.trainer import Trainer

FOLDER = Path(__file__).parent
PENALTIES = {"healthy": 3.0, "collapsed": 0.0}
"""The weight γ of R1 and of R2."""
SEED, STEPS, EVERY = 0, 1500, 50
SETTINGS = (
    "data.dataset=digits", "generator.image_size=8", "noise.dim=32", "training.ema_halflife_images=0",
    "generator.hidden=128,128,128", "discriminator.hidden=128,128,128", "discriminator.dropout=0.0",
    *(f"{role}_optimizer.{name}" for role in ("generator", "discriminator")
      for name in ("learning_rate=0.003", "beta1=0.9")),
)  # fmt: skip

Curves = Mapping[str, NDArray[np.float32]]


def workflow(gamma: float) -> Workflow:
    """The template of the MLP GAN with the relativistic objective."""
    plain = workflows.open_template("mlp-gan")
    objective = replace(plain.nodes["objective"], class_type="RelativisticObjective")
    relativistic = replace(plain, nodes={**plain.nodes, "objective": objective})
    stacked, penalty = edit.insert_node(relativistic, "R1R2Penalty", "objective", NODES)
    return edit.apply_settings(stacked, [*SETTINGS, f"{penalty}.penalty_weight={gamma}"], NODES)


def train(gamma: float, home: Path, seed: int = SEED) -> Curves:
    """Train a run: series -> (steps,) values."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        trainer = Trainer.fresh(assemble(workflow(gamma), home, device="cpu", seed=seed))
        checkup, samples = SampleCheckup(trainer.experiment), trainer.experiment.samples
        assert samples is not None
        parts = []
        for _ in range(STEPS // EVERY):
            measured = checkup.measure(trainer, trainer.draw(samples.count, samples.seed))
            done = trainer.slice(EVERY, seconds=600)
            curves = dict(zip(done.names, done.values.T, strict=True))
            parts.append(curves | {name: np.full(EVERY, value, np.float32) for name, value in measured.items()})
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name != "seconds"}
    finally:
        torch.set_num_threads(threads)


def load(name: str) -> Curves:
    """The recorded run "healthy" or "collapsed"."""
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return {series: file[series] for series in file.files}


def hints_on(series: Curves, begin: int, end: int) -> tuple[Hint, ...]:
    """The hints for a recorded run after `end` steps, given the metrics of the steps after `begin`."""
    seen = {name: values[begin:end] for name, values in series.items()}
    checkup = names_of(checkup_of(*family.CHECKUP))
    history = History(np.arange(begin + 1, end + 1), seen, "critic", checkup, names_of(family.STEP))
    return hints(history, family.ADVERSARIAL.health_rules)


if __name__ == "__main__":
    import tempfile

    for name, gamma in PENALTIES.items():
        with tempfile.TemporaryDirectory() as folder:
            np.savez_compressed(FOLDER / f"{name}.npz", **train(gamma, Path(folder)))  # type: ignore[arg-type]
