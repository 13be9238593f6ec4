"""A step that needs something made first, such as latents: its progress is shown, and it can be interrupted."""

import pytest
from torch import nn

from pipeline.engine import build_progress
from pipeline.families.diffusion import latents
from pipeline.runtime.messages.commands import NextStage, Pause, Run
from tests.engine.conftest import Bench, same
from tests.families.diffusion.workflows import AUTOENCODER_STEPS, IMAGES, small_latent


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches encoded so far."""
    sizes: list[int] = []
    encode = latents._encode

    def counted(encoder: nn.Module, *arguments: object, **more: int) -> object:
        for batch in encode(encoder, *arguments, **more):  # type: ignore[arg-type]
            sizes.append(len(batch))
            yield batch

    monkeypatch.setattr(latents, "_encode", counted)
    monkeypatch.setattr(build_progress, "SECONDS", -1.0)
    return sizes


@pytest.fixture
def at_the_boundary(bench: Bench) -> Bench:
    """A run paused after the last step of its first phase."""
    bench.start(small_latent())
    bench.chunk(AUTOENCODER_STEPS)
    return bench


def test_pages_see_how_many_images_are_encoded(
    at_the_boundary: Bench, encoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, told = at_the_boundary, []
    monkeypatch.setattr(bench.worker.session, "publish", lambda snapshot: told.append(snapshot))
    bench.chunk(1)
    first, *_, last = told
    assert (first.preparing, first.step) == (f"Encoding images 256 of {IMAGES:,}", AUTOENCODER_STEPS)
    assert last.preparing == bench.snapshot.preparing == ""
    assert len({each.version for each in told}) == 2
    assert sum(encoded) == IMAGES


def test_a_pause_interrupts_encoding_and_it_resumes_where_it_stopped(
    at_the_boundary: Bench, encoded: list[int]
) -> None:
    bench, before = at_the_boundary, at_the_boundary.weights()
    bench.ask(Run)
    bench.worker.advance(lambda: len(encoded) >= 3)
    assert bench.snapshot.preparing == "" and bench.snapshot.state == "running"
    bench.ask(Pause)
    assert (bench.snapshot.state, bench.snapshot.step, len(encoded)) == ("paused", AUTOENCODER_STEPS, 3)
    assert bench.run.trainer.between_steps and same(before, bench.weights())
    bench.chunk(1)
    assert bench.snapshot.step == AUTOENCODER_STEPS + 1
    assert sum(encoded) == IMAGES


def test_a_walk_into_the_next_phase_goes_on_after_the_answer(
    at_the_boundary: Bench, encoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = at_the_boundary
    monkeypatch.setattr("pipeline.engine.session.WALK_SECONDS", 0.0)
    bench.ask(NextStage)
    first = bench.snapshot
    assert (first.state, first.stage, len(encoded)) == ("running", None, 1)
    bench.go_on()
    last = bench.snapshot
    assert (last.state, last.stage.number, sum(encoded)) == ("paused", 1, IMAGES)


def test_a_probed_step_waits_for_its_latents_too(at_the_boundary: Bench, encoded: list[int]) -> None:
    bench = at_the_boundary
    bench.run.pictures.set_probes(1)
    bench.ask(Run)
    bench.worker.advance(lambda: len(encoded) >= 1)
    assert bench.snapshot.step == AUTOENCODER_STEPS
    bench.advance()
    assert bench.snapshot.step == AUTOENCODER_STEPS + 1 and sum(encoded) == IMAGES
