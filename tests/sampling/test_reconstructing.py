"""A stored autoencoder's reconstructions of held-out images, as a grid and at the original sizes."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.data.images import to_pixels
from pipeline.errors.machine import UnusableValue
from pipeline.graph import document
from pipeline.graph.edit import apply_settings
from pipeline.graph.workflow import NodeData
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import Store
from pipeline.sampling.reconstructing import reconstruct_from_run
from pipeline.sampling.stored import draw_from_run
from pipeline.studio.workflows import open_template
from pipeline.training import checkpoint
from pipeline.training.trainer import Trainer

SIZES = [(8, 8), (12, 8), (9, 21)]
"""(height, width) of the images in the folder, in turn."""


@dataclass
class StoredRun:
    """A run of two steps on images of three sizes, its trainer and its store."""

    store: Store
    id: str
    trainer: Trainer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for number in range(24):
        pixels = random.integers(0, 256, SIZES[number % 3], dtype=np.uint8)
        Image.fromarray(pixels).save(place / f"{number:02}.png")
    return place


@pytest.fixture(params=["autoencoder", "vae"])
def stored(request, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    workflow = open_template(request.param)
    files = {"source": str(folder), "image_size": 8, "fit": "pad", "channels": "grey", "held_out": 0.25}
    workflow = apply_settings(
        type(workflow)(workflow.name, {**workflow.nodes, "data": NodeData("ImageFiles", files)}),
        ["decoder.image_size=8", "training.batch_size=4", "training.device=cpu"],
        NODES,
    )
    trainer = Trainer.fresh(assemble(workflow, tmp_path))
    trainer.slice(2, seconds=60)
    with Store(tmp_path) as store:
        run = record(store, document.write(workflow))
        checkpoint.save(store.files(run).checkpoint_folder(2), trainer.state, {})
        yield StoredRun(store, run, trainer)
    torch.set_num_threads(threads)


def record(store, text):
    return store.create(
        name="tiny", workflow_text=text, device="cpu", seed=0, total_steps=9, batch_size=4, train_images=18, who="Ada"
    ).id


def test_images_are_encoded_and_decoded_by_the_weights_of_the_checkpoint(stored):
    found = reconstruct_from_run(stored.store, stored.id, count=4, weights="raw")
    images = stored.trainer.experiment.images.held_out.batch(torch.arange(4))
    networks = {role: network.eval() for role, network in stored.trainer.state.networks.items()}
    with torch.no_grad():
        made = stored.trainer.experiment.coding.reconstruct(networks, images).images
    np.testing.assert_array_equal(found.reconstructions, to_pixels(made).permute(0, 2, 3, 1).numpy())
    np.testing.assert_array_equal(found.originals, to_pixels(images).permute(0, 2, 3, 1).numpy())
    np.testing.assert_allclose(found.errors, (made - images).square().flatten(1).mean(1).sqrt(), rtol=1e-5)
    assert (found.run, found.step, found.skipped) == (stored.id, 2, ())


def test_images_of_three_sizes_are_restored_to_their_original_sizes(stored, tmp_path):
    found = reconstruct_from_run(stored.store, stored.id, count=100)
    assert len(found.errors) == stored.trainer.experiment.images.held_out.count
    found.write_each(tmp_path / "each")
    came = [tuple(size) for size in stored.trainer.experiment.images.held_out.sizes.tolist()]
    assert set(came) == set(SIZES)
    for name, (height, width) in zip(stored.trainer.experiment.images.held_out.names, came, strict=True):
        # The file bears the name of the picture, whose number tells its size.
        assert SIZES[int(Path(name).stem) % 3] == (height, width)
        with Image.open(tmp_path / "each" / name) as picture:
            assert (picture.height, picture.width) == (height, width)
    assert len(list((tmp_path / "each").iterdir())) == len(came)


def test_the_grid_has_every_image_above_its_reconstruction_and_the_workflow(stored):
    found = reconstruct_from_run(stored.store, stored.id, count=3)
    png = found.grid()
    assert document.read_png(png, "the grid").nodes.keys() == open_template("vae").nodes.keys()
    with Image.open(BytesIO(png)) as picture:
        pixels = np.asarray(picture)
    # Three images in two columns: two rows of pairs; images are enlarged seven times, with two pixels between them.
    assert pixels.shape == (4 * 58 - 2, 2 * 58 - 2)
    tile = pixels[0:56:7, 58:114:7]
    np.testing.assert_array_equal(tile, found.originals[1, :, :, 0])
    np.testing.assert_array_equal(pixels[58:114:7, 58:114:7], found.reconstructions[1, :, :, 0])


def test_samples_can_be_drawn_from_both(stored):
    assert draw_from_run(stored.store, stored.id, count=3, seed=1).images.shape == (3, 8, 8, 1)


@pytest.mark.parametrize("count", [0, 10**6])
def test_an_invalid_count_is_refused(stored, count):
    with pytest.raises(UnusableValue, match="cannot be reconstructed at once"):
        reconstruct_from_run(stored.store, stored.id, count=count)
