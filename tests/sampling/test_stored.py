"""Drawing from stored runs: the same images as the trainer drew, from undamaged checkpoints."""

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.data import sources
from pipeline.errors.machine import CannotWrite, UnknownPictureFormat, UnusableValue
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint, UnknownCheckpoint, UnknownRun
from pipeline.errors.training import UnknownDevice
from pipeline.errors.workflow import InvalidWorkflow
from pipeline.graph import document
from pipeline.graph.edit import apply_settings
from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import Store
from pipeline.sampling.stored import draw_from_run
from pipeline.training import checkpoint
from pipeline.training.sampler import draw_images
from pipeline.training.trainer import Trainer

TEMPLATE = Path(__file__).parents[2] / "pipeline" / "templates" / "mlp-gan.json"
TINY = [
    "data.dataset=digits",
    "generator.image_size=8",
    "generator.hidden=16,16",
    "discriminator.hidden=16,16",
    "training.ema_halflife_images=100",
    "training.device=cpu",
]


@dataclass
class StoredRun:
    """A run with checkpoints of steps 2 and 4, and the images that its trainer drew then, by (step, weights)."""

    store: Store
    id: str
    workflow: Workflow
    drawn: dict[tuple[int, str], np.ndarray]


@pytest.fixture
def stored(tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    workflow = apply_settings(document.read(TEMPLATE.read_bytes(), "mlp-gan"), TINY, NODES)
    trainer = Trainer.fresh(assemble(workflow, tmp_path))
    drawn = {}
    with Store(tmp_path) as store:
        run = record(store, document.write(workflow))
        for step in (2, 4):
            trainer.slice(2, seconds=60)
            checkpoint.save(store.files(run).checkpoint_folder(step), trainer.state, {})
            for weights in ("ema", "raw"):
                drawn[step, weights] = trainer.draw(5, seed=3, weights=weights)
        yield StoredRun(store, run, workflow, drawn)
    torch.set_num_threads(threads)


def record(store, text):
    return store.create(
        name="tiny",
        workflow_text=text,
        device="cpu",
        seed=0,
        total_steps=100,
        batch_size=64,
        train_images=1617,
        who="Ada",
    ).id


@pytest.mark.parametrize("weights", ["ema", "raw"])
@pytest.mark.parametrize("step", [2, 4])
def test_images_equal_those_that_the_trainer_drew_at_that_step(stored, step, weights):
    drawing = draw_from_run(stored.store, stored.id, count=5, seed=3, step=step, weights=weights)
    np.testing.assert_array_equal(drawing.images, stored.drawn[step, weights])
    assert (drawing.run, drawing.step, drawing.seed, drawing.remarks) == (stored.id, step, 3, ())


ODD = ["data.dataset=digits", "noise.dim=13", "training.device=cpu"]
FAMILIES = {
    "mlp-gan": ["generator.image_size=8"],
    "conditional-dcgan": ["generator.image_size=8", "generator.base_channels=4", "discriminator.base_channels=4"],
    "autoencoder": ["decoder.image_size=8"],
    "vae": ["decoder.image_size=8", "encoder.base_channels=4", "decoder.base_channels=4"],
}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_grid_of_any_size_begins_with_the_same_images(name, tmp_path):
    template = TEMPLATE.with_name(f"{name}.json")
    workflow = apply_settings(document.read(template.read_bytes(), name), [*ODD, *FAMILIES[name]], NODES)
    experiment = assemble(workflow, tmp_path, images=False)
    whole = draw_images(experiment.sampler, experiment.networks, experiment.sampler.latents(40, seed=5))
    for count in (1, 2, 3, 16, 17):
        made = draw_images(experiment.sampler, experiment.networks, experiment.sampler.latents(count, seed=5))
        np.testing.assert_array_equal(made, whole[:count])


def test_the_newest_checkpoint_of_the_latest_run_is_the_default(stored):
    drawing = draw_from_run(stored.store, "latest", count=5, seed=3)
    assert (drawing.run, drawing.step) == (stored.id, 4)
    np.testing.assert_array_equal(drawing.images, stored.drawn[4, "ema"])


def test_the_real_images_are_not_needed(stored, monkeypatch):
    def unavailable(*arguments):
        raise AssertionError("a drawing does not need the data")

    monkeypatch.setattr(sources, "load", unavailable)
    assert draw_from_run(stored.store, stored.id, count=1, seed=0).images.shape == (1, 8, 8, 1)


def test_a_damaged_newest_checkpoint_is_skipped_with_a_message(stored):
    damage(stored, 4)
    drawing = draw_from_run(stored.store, stored.id, count=5, seed=3)
    assert drawing.step == 2
    np.testing.assert_array_equal(drawing.images, stored.drawn[2, "ema"])
    assert len(drawing.remarks) == 1
    assert "step-000000004 is damaged" in drawing.remarks[0]


def test_a_requested_checkpoint_that_is_damaged_is_an_error(stored):
    damage(stored, 4)
    with pytest.raises(BrokenCheckpoint, match=r"weights\.safetensors has changed"):
        draw_from_run(stored.store, stored.id, count=5, seed=3, step=4)


def test_a_run_whose_checkpoints_are_all_damaged_has_none(stored):
    damage(stored, 2)
    damage(stored, 4)
    with pytest.raises(NoCheckpoint):
        draw_from_run(stored.store, stored.id, count=5, seed=3)


def damage(stored, step):
    weights = stored.store.files(stored.id).checkpoint_folder(step) / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")


def test_a_missing_checkpoint_is_refused_with_those_there_are(stored):
    other = record(stored.store, document.write(stored.workflow))
    with pytest.raises(NoCheckpoint, match=other):
        draw_from_run(stored.store, other, count=1, seed=0)
    with pytest.raises(UnknownCheckpoint, match=r"no checkpoint at step 3; it has checkpoints at steps 2, 4\."):
        draw_from_run(stored.store, stored.id, count=1, seed=0, step=3)
    with pytest.raises(UnknownRun):
        draw_from_run(stored.store, "../../etc", count=1, seed=0)
    with pytest.raises(UnknownDevice):
        draw_from_run(stored.store, stored.id, count=1, seed=0, device="cuda:77")


@pytest.mark.parametrize(("count", "seed"), [(0, 0), (-1, 0), (10**9, 0), (1, -1), (1, 2**64)])
def test_a_count_or_a_seed_out_of_range_is_refused(stored, count, seed):
    with pytest.raises(UnusableValue):
        draw_from_run(stored.store, stored.id, count=count, seed=seed)


def test_a_run_with_removed_node_types_is_refused_with_the_reasons(stored):
    text = document.write(stored.workflow).replace("MLPGenerator", "OldGenerator")
    run = record(stored.store, text)
    stored.store.files(run).checkpoint_folder(2).mkdir()
    with pytest.raises(InvalidWorkflow, match="OldGenerator"):
        draw_from_run(stored.store, run, count=1, seed=0)


def test_a_png_has_the_workflow_and_its_origin(stored, tmp_path):
    drawing = draw_from_run(stored.store, stored.id, count=5, seed=3)
    drawing.write(tmp_path / "grid.png")
    content = (tmp_path / "grid.png").read_bytes()
    assert document.read_png(content).nodes == stored.workflow.nodes
    with Image.open(BytesIO(content)) as picture:
        origin = json.loads(picture.text["training"])  # type: ignore[attr-defined]
    assert (origin["run"], origin["step"], origin["seed"]) == (stored.id, 4, 3)


def test_an_npz_holds_the_images(stored, tmp_path):
    drawing = draw_from_run(stored.store, stored.id, count=5, seed=3)
    drawing.write(tmp_path / "images.NPZ")
    with np.load(tmp_path / "images.NPZ") as archive:
        assert archive["images"].dtype == np.uint8
        np.testing.assert_array_equal(archive["images"], drawing.images)


@pytest.mark.parametrize("name", ["images.png", "images.npz"])
def test_the_same_call_writes_the_same_bytes(stored, tmp_path, name):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        draw_from_run(stored.store, stored.id, count=5, seed=3).write(tmp_path / folder / name)
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_other_formats_and_unwritable_paths_are_refused(stored, tmp_path):
    drawing = draw_from_run(stored.store, stored.id, count=1, seed=0)
    with pytest.raises(UnknownPictureFormat, match=r"'grid\.jpg': end the name in \.png"):
        drawing.write(tmp_path / "grid.jpg")
    with pytest.raises(CannotWrite, match="no such file or directory"):
        drawing.write(tmp_path / "nowhere" / "grid.png")
