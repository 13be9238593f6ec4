"""Record the metrics of the first steps of every template.

    python -m tests.recorded.record_templates [TEMPLATE ...]

trains each of these templates (all, if none is named) for fifty steps on one CPU thread (some minutes for all) and
writes `template_losses.npz`, then each with networks of a few feature maps (seconds) and writes
`template_losses_quick.npz`; `template_losses.json` describes the machine that recorded each. Record a template again
only if its training is meant to have changed, and explain why in the commit.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.graph.edit import apply_settings
from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template
from pipeline.training.trainer import Trainer
from tests.recorded.machine import facts

FOLDER = Path(__file__).parent
FILES = {"whole": FOLDER / "template_losses.npz", "quick": FOLDER / "template_losses_quick.npz"}
MACHINE = FOLDER / "template_losses.json"
NAMES = (
    "autoencoder", "conditional-dcgan", "dcgan", "ddpm", "flow", "hinge-sngan", "latent-diffusion", "lsgan",
    "medical-images", "mlp-gan", "r3gan", "textures", "vae", "wgan-gp",
)  # fmt: skip
STEPS = 50
QUICK: Mapping[str, Mapping[str, object]] = {
    "GANTraining": {"batch_size": 8},
    "AutoencoderTraining": {"batch_size": 8},
    "MLPGenerator": {"hidden": "16"},
    "MLPDiscriminator": {"hidden": "16"},
    "MLPEncoder": {"hidden": "16"},
    "MLPDecoder": {"hidden": "16"},
    "DCGANGenerator": {"base_channels": 4},
    "DCGANDiscriminator": {"base_channels": 4},
    "ConvEncoder": {"base_channels": 4},
    "ConvDecoder": {"base_channels": 4},
    "SpatialEncoder": {"base_channels": 4},
    "SpatialDecoder": {"base_channels": 4},
    "UNetDenoiser": {"channels": "8,8"},
    "DiffusionTraining": {"batch_size": 8},
    "LatentDiffusionTraining": {"batch_size": 8, "autoencoder_steps": 25},
}
"""Parameters, by node type, that make the steps of any template fast."""

Losses = Mapping[str, NDArray[np.float32]]


def whole(name: str) -> Workflow:
    """The unchanged template."""
    return open_template(name)


def quick(name: str) -> Workflow:
    """The template with networks of a few feature maps and batches of 8."""
    workflow = open_template(name)
    settings = [
        f"{node_id}.{parameter}={value}"
        for node_id, node in workflow.nodes.items()
        for parameter, value in QUICK.get(node.class_type, {}).items()
    ]
    return apply_settings(workflow, settings, NODES)


SIZES: Mapping[str, Callable[[str], Workflow]] = {"whole": whole, "quick": quick}


def losses(workflow: Workflow, home: Path, steps: int = STEPS) -> Losses:
    """The first steps of a workflow on one thread: series of its updates -> one value per step."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return trained(workflow, home, steps)
    finally:
        torch.set_num_threads(threads)


def trained(workflow: Workflow, home: Path, steps: int = STEPS) -> Losses:
    """The first steps of a workflow with the current number of threads."""
    experiment = assemble(workflow, home, device="cpu")
    done = Trainer.fresh(experiment).slice(steps, seconds=3600)
    made = dict(zip(done.names, done.values.T, strict=True))
    return {name: made[name] for name in experiment.series}


def furnish(home: Path) -> None:
    """Create the one data set that would be downloaded: MedMNIST's file, at its size, filled with noise."""
    (home / "downloads").mkdir()
    random = np.random.default_rng(0)
    arrays: dict[str, NDArray[Any]] = {}
    for part, count in {"train": 11_959, "val": 1_712, "test": 3_421}.items():
        arrays[f"{part}_images"] = random.integers(0, 256, (count, 28, 28, 3), np.uint8)
        arrays[f"{part}_labels"] = random.integers(0, 8, (count, 1), np.uint8)
    np.savez(home / "downloads" / "bloodmnist.npz", **arrays)  # type: ignore[arg-type]


def recorded(size: str, name: str) -> Losses:
    """The recorded first steps of a template."""
    with np.load(FILES[size], allow_pickle=False) as file:
        start = f"{name}/"
        return {key.removeprefix(start): file[key] for key in file.files if key.startswith(start)}


def recorded_on(name: str) -> Mapping[str, str]:
    """The machine that recorded this template."""
    machines: dict[str, dict[str, str]] = json.loads(MACHINE.read_text(encoding="utf-8"))
    return machines[name]


def record(names: Sequence[str]) -> None:
    """Record these templates, and keep what is recorded of the others."""
    with tempfile.TemporaryDirectory() as folder:
        furnish(Path(folder))
        for size, make in SIZES.items():
            found = {
                name: losses(make(name), Path(folder)) if name in names else recorded(size, name) for name in NAMES
            }
            arrays = {f"{name}/{series}": each for name, kept in found.items() for series, each in kept.items()}
            np.savez_compressed(FILES[size], **arrays)  # type: ignore[arg-type]
    machines = {name: facts() if name in names else recorded_on(name) for name in NAMES}
    MACHINE.write_text(json.dumps(machines, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record(sys.argv[1:] or NAMES)
