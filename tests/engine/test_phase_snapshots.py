"""A run whose training has two phases: what its snapshot and grids show in each, and going from one to the other."""

import pytest

from pipeline.errors.training import UnknownUpdate
from pipeline.graph import document
from pipeline.runtime.messages.commands import Back, Fork, UpdateOnly
from tests.engine.conftest import Bench, recorded, same
from tests.families.diffusion.workflows import AUTOENCODER_STEPS, small_latent


def names(updates: object) -> list[str]:
    return [update.name for update in updates]  # type: ignore[attr-defined]


def test_the_plan_the_grid_and_the_real_images_are_those_of_the_phase(bench: Bench) -> None:
    bench.start(small_latent())
    bench.chunk(AUTOENCODER_STEPS - 1)
    first = bench.snapshot
    assert (names(first.plan), names(first.idle)) == (["autoencoder"], ["denoiser"])
    bench.chunk(1)
    last = bench.snapshot
    assert (names(last.plan), names(last.idle)) == (["denoiser"], ["autoencoder"])
    assert last.version > first.version
    # The grid of the last step of a phase is still of that phase.
    assert bench.run.trainer.sampler.roles == ("encoder", "decoder") and last.reals == first.reals
    bench.chunk(1)
    assert bench.run.trainer.sampler.roles == ("denoiser", "decoder")
    # The real images beside a grid stay its own until the next grid is drawn.
    assert (bench.snapshot.samples_step, bench.snapshot.reals) == (first.samples_step, first.reals)
    with pytest.raises(UnknownUpdate, match="The next step does not train 'autoencoder'; it trains denoiser"):
        bench.ask(UpdateOnly, role="autoencoder")
    bench.ask(UpdateOnly, role="denoiser")
    assert bench.snapshot.updates == {"updates": AUTOENCODER_STEPS, "denoiser_updates": 2}
    bench.chunk(4)
    assert bench.snapshot.samples_step > AUTOENCODER_STEPS and bench.snapshot.reals != first.reals


def test_going_back_across_the_boundary_and_on_again_changes_nothing(bench: Bench) -> None:
    bench.start(small_latent())
    bench.chunk(AUTOENCODER_STEPS + 3)
    ended = bench.weights()
    bench.ask(Back, step=AUTOENCODER_STEPS - 2)
    bench.go_on()
    assert names(bench.snapshot.idle) == ["denoiser"]
    bench.chunk(5)
    assert same(ended, bench.weights()) and bench.snapshot.head == AUTOENCODER_STEPS + 3


def test_a_fork_from_the_second_phase_goes_on_in_it(bench: Bench) -> None:
    run = bench.start(small_latent())
    bench.chunk(AUTOENCODER_STEPS + 2)
    bench.ask(Fork, workflow=document.write(small_latent("optimizer.learning_rate=0.001")))
    bench.chunk(1)
    assert (bench.snapshot.step, names(bench.snapshot.plan)) == (AUTOENCODER_STEPS + 3, ["denoiser"])
    assert recorded(bench.worker.session.store.home, bench.snapshot.run).keys() >= {"denoising_loss"}
    assert bench.snapshot.run != run
