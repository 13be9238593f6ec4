"""Runs that hold out no images: they train, and record no series of held-out images."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors.machine import UnusableValue
from pipeline.graph import edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages.commands import LookInside, SetProbes
from pipeline.studio.workflows import open_template
from tests.engine.conftest import Bench, recorded

COMMON = ("training.batch_size=4", "samples.count=4", "samples.every=2")
SMALL = {
    "dcgan": ("generator.base_channels=8", "generator.image_size=16", "discriminator.base_channels=8"),
    "vae": ("encoder.base_channels=8", "decoder.base_channels=8", "decoder.image_size=16"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with five images of 16×16 pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (5, 16, 16), np.uint8)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{number}.png")
    return folder


def nothing_held_out(template: str, folder: Path, *settings: str) -> Workflow:
    """A small network of this template, trained on every image of `folder`."""
    workflow = open_template(template)
    files = replace(
        workflow.nodes["data"],
        class_type="ImageFiles",
        inputs={"source": str(folder), "image_size": 16, "held_out": 0, "channels": "grey"},
    )
    workflow = replace(workflow, nodes={**workflow.nodes, "data": files})
    return edit.apply_settings(workflow, [*COMMON, *SMALL[template], *settings], NODES)


def test_self_attention_in_the_discriminator_trains_with_nothing_held_out(bench: Bench, folder: Path) -> None:
    bench.start(nothing_held_out("dcgan", folder, "discriminator.attention=8"))
    bench.ask(SetProbes, every=2)
    bench.chunk(4)
    assert (bench.snapshot.state, bench.snapshot.step, bench.snapshot.error) == ("paused", 4, "")
    assert len(list(bench.run.files.folder.glob("probes/*.npz"))) == 2


@pytest.mark.parametrize(
    ("template", "absent"),
    [("dcgan", {"D_held_out"}), ("vae", {"held_out_reconstruction", "mean_image_error"})],
)
def test_series_of_held_out_images_are_not_there_if_none_are_held_out(
    bench: Bench, home: Path, folder: Path, template: str, absent: set[str]
) -> None:
    run = bench.start(nothing_held_out(template, folder))
    bench.chunk(4)
    assert (bench.snapshot.state, bench.snapshot.step) == ("paused", 4)
    found = recorded(home, run)
    assert found and not absent & found.keys()
    # Neither are they there in the current metrics, nor can a breakpoint wait for them.
    assert not absent & bench.snapshot.metrics.keys()
    assert not absent & set(bench.worker.session.debugger("The test").conditions.names)


def test_looking_inside_at_a_held_out_image_says_that_there_are_none(bench: Bench, folder: Path) -> None:
    bench.start(nothing_held_out("dcgan", folder))
    bench.chunk(1)
    with pytest.raises(UnusableValue, match="This run has no held-out images: choose real or fake"):
        bench.ask(LookInside, what="activations", role="discriminator", source="held-out", index=1)
