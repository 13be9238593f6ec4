"""A training with two phases on the pages: each says which one runs, and offers what takes part in it."""

import pytest

from pipeline.studio.run import training
from tests.families.diffusion.workflows import AUTOENCODER_STEPS, small_latent

INSPECT, TRAIN = "pages/3_Inspect.py", "pages/2_Train.py"


@pytest.fixture
def at(trainer, wait_for):
    """`at(step)`: the id of a run that was trained to this step and paused."""

    def begin(step):
        run = training.start(trainer, small_latent(), "Ada", switch=True)
        training.pause(trainer, trainer.snapshot, "Ada")
        wait_for(lambda: trainer.snapshot.state == "paused")
        training.chunk(trainer, trainer.snapshot, "Ada", step - trainer.snapshot.step)
        wait_for(lambda: trainer.snapshot.state == "paused" and trainer.snapshot.step == step)
        return run

    return begin


def test_train_says_which_phase_runs_and_what_its_grid_shows(at, browser, trainer):
    run = at(3)
    page = browser.open(TRAIN, run=run)
    assert f"autoencoder, step 3 of {AUTOENCODER_STEPS}" in page.words
    assert "Reconstructions" in page.words and "Originals" in page.words
    assert "Used from step 7 on, when the denoiser is trained." in page.words
    assert not page.app.button(key="only_autoencoder").disabled
    reason = page.app.button(key="only_denoiser").help
    assert page.app.button(key="only_denoiser").disabled and "not part of the next step, but of steps 7 on" in reason
