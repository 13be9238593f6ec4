"""A training with two phases on the pages: each says which one runs, and offers what takes part in it."""

import pytest

from pipeline.studio.run import debugging, training
from tests.families.diffusion.workflows import small_latent

INSPECT, TRAIN = "pages/3_Inspect.py", "pages/2_Train.py"
BOUNDARY = 300


@pytest.fixture(scope="module")
def run(trainer, wait_for):
    """A run that was paused in its first phase."""
    settings = (f"training.autoencoder_steps={BOUNDARY}", "training.total_steps=1000000", "samples.every=300")
    run = training.start(trainer, small_latent(*settings), "Ada", switch=True)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    return run


def test_pages_say_which_phase_runs_what_its_grid_shows_and_offer_what_takes_part(run, browser, trainer, wait_for):
    page = browser.open(TRAIN, run=run)
    assert f"autoencoder, step {trainer.snapshot.step} of {BOUNDARY}" in page.words
    assert "Reconstructions" in page.words and "Originals" in page.words
    assert f"Used from step {BOUNDARY + 1} on, when the denoiser is trained." in page.words
    assert not page.app.button(key="only_autoencoder").disabled and page.app.button(key="only_denoiser").disabled
    assert f"not part of the next step, but of steps {BOUNDARY + 1} on" in page.app.button(key="only_denoiser").help
    page = browser.open(INSPECT, run=run)
    assert "take no part in the next step, which does not train the denoiser." in page.words

    debugging.run_to(trainer, trainer.snapshot, "Ada", 2 * BOUNDARY)
    wait_for(lambda: trainer.snapshot.state == "paused")
    page = browser.open(TRAIN, run=run)
    assert f"denoiser, step {BOUNDARY} of 999,700" in page.words
    assert "Samples" in page.words and "Reconstructions" not in page.words.replace("Reconstruction error", "")
    assert f"it was for training up to step {BOUNDARY}." in page.words
    assert page.app.button(key="only_autoencoder").disabled and not page.app.button(key="only_denoiser").disabled

    at_boundary, after = (browser.open(INSPECT, run=run, view="film", step=str(BOUNDARY * n)).words for n in (1, 2))
    assert "reconstructions of held-out images" in at_boundary
    assert "reconstructions of held-out images" not in after
