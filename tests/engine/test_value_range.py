"""Stored runs whose images are scaled to [0, 1], and modules that are seen to end in another range."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.engine.launching import start
from pipeline.engine.resuming import resume
from pipeline.errors.training import NodeFailure
from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs.store import Store
from pipeline.sampling.reconstructing import reconstruct_from_run
from pipeline.sampling.stored import draw_from_run
from pipeline.studio.workflows import open_template
from tests.nodes import plain_modules

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = ("data.dataset=digits", "training.batch_size=8", "training.device=cpu", "samples.count=4", "samples.every=2")
UNIT = "data.value_range=0 to 1"


def test_a_stored_run_is_drawn_from_and_reconstructs_in_its_range(store: Store) -> None:
    settings = (*SMALL, UNIT, "decoder.image_size=8", "decoder.output=sigmoid")
    workflow = check_workflow(edit.apply_settings(open_template("vae"), settings, NODES))
    run = start(store, workflow, "Ada")
    run.trainer.step()
    drawn = run.trainer.draw(4, seed=3)
    run.save()
    run.close()
    # Drawing builds the networks without the images.
    assert np.array_equal(draw_from_run(store, run.id, count=4, seed=3, device="cpu").images, drawn)
    found = reconstruct_from_run(store, run.id, count=4, device="cpu")
    again = resume(store, run.id, workflow, "Ada")
    images = again.trainer.experiment.images
    assert images.values == "0 to 1"
    assert np.array_equal(found.originals, images.held_out.pixels[:4].permute(0, 2, 3, 1).numpy())
    difference = (found.originals.astype(float) - found.reconstructions) / 127.5
    assert found.errors == pytest.approx(np.sqrt((difference**2).mean((1, 2, 3))), abs=0.01)
    again.close()


@pytest.mark.parametrize(("end", "values"), [("sigmoid", "-1 to 1"), ("tanh", "0 to 1")])
def test_a_module_that_is_seen_to_end_in_another_range_is_told_before_it_trains(
    end: str, values: str, store: Store, tmp_path: Path
) -> None:
    networks = plain_modules.NETWORKS.replace("torch.tanh", f"torch.{end}")
    with plain_modules.loaded(tmp_path / "mine", networks):
        workflow = edit.apply_settings(plain_modules.skipping(), [f"data.value_range={values}"], NODES)
        with pytest.raises(NodeFailure, match=rf"Skipping \(generator\) .* it ends in a {end}.* set the value range"):
            start(store, check_workflow(workflow), "Ada")
    (failed,) = store.recent()
    assert (failed.state, failed.error_node) == ("failed", "generator")


def test_a_module_that_ends_in_a_sigmoid_trains_on_images_of_0_to_1(store: Store, tmp_path: Path) -> None:
    networks = plain_modules.NETWORKS.replace("torch.tanh", "torch.sigmoid")
    with plain_modules.loaded(tmp_path / "mine", networks):
        run = start(store, check_workflow(edit.apply_settings(plain_modules.skipping(), [UNIT], NODES)), "Ada")
        run.trainer.step()
        assert run.step == 1
        run.close()
