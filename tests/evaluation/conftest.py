"""A stored run that is evaluated: a tiny network of digits, with two checkpoints and held-out images."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from pipeline.evaluation import evaluate
from pipeline.evaluation.features.signature import Features, Seen
from pipeline.graph import document
from pipeline.graph.edit import apply_settings
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import Store
from pipeline.training import checkpoint
from pipeline.training.trainer import Trainer

TEMPLATES = Path(__file__).parents[2] / "pipeline" / "templates"
SETTINGS = {
    "mlp-gan": ["generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16"],
    "autoencoder": ["decoder.image_size=8"],
    "conditional-dcgan": ["generator.image_size=8", "generator.base_channels=4", "discriminator.base_channels=4"],
}


@dataclass
class Evaluated:
    """A run with checkpoints at steps 2 and 4."""

    store: Store
    id: str

    @property
    def checkpoints(self) -> list[Path]:
        return [folder for _, folder in self.store.files(self.id).checkpoints()]


def stored_run(home: Path, store: Store, template: str = "mlp-gan", *more: str, steps: tuple[int, ...] = (2, 4)) -> str:
    """The id of a new run of a template on 8×8 digits, trained for a few steps."""
    settings = ["data.dataset=digits", "training.device=cpu", *SETTINGS[template], *more]
    read = document.read((TEMPLATES / f"{template}.json").read_bytes(), template)
    workflow = apply_settings(read, settings, NODES)
    trainer = Trainer.fresh(assemble(workflow, home))
    run = store.create(
        name="tiny", workflow_text=document.write(workflow), device="cpu", seed=0, total_steps=100, batch_size=64,
        train_images=1617, who="Ada",
    ).id  # fmt: skip
    for step in steps:
        trainer.slice(step - trainer.state.step, seconds=60)
        checkpoint.save(store.files(run).checkpoint_folder(step), trainer.state, {})
    return run


def pixel_features() -> Features:
    """Features that take no time: the 64 pixels of an image of 8×8, and classes by the ten first of them."""

    def see(pixels: torch.Tensor) -> Seen:
        values = pixels.float().flatten(1)[:, :64] / 255
        return Seen(values, (10 * values[:, 8:18]).softmax(1))

    return Features("Pixels", "0123456789ab", "as they are", 64, see, tuple("0123456789"), 0.5)


@pytest.fixture
def quick_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """All evaluations of this test use `pixel_features`."""
    monkeypatch.setattr(evaluate, "choose", lambda *arguments: pixel_features())


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Evaluated]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with Store(tmp_path) as store:
        yield Evaluated(store, stored_run(tmp_path, store))
    torch.set_num_threads(threads)
