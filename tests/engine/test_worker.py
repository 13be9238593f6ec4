"""Failures during a run, with the worker in this process."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pipeline.errors.base import Refusal
from pipeline.errors.machine import CannotWrite
from pipeline.graph.workflow import Workflow
from pipeline.runs import metrics
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Back, Chunk, Pause, Resume, Run, SaveCheckpoint, SetLive
from pipeline.training import checkpoint
from tests.engine.conftest import Bench

Small = Callable[..., Workflow]


def break_generator(bench: Bench) -> None:
    """Make the generator fail from the next step on."""
    bench.run.trainer.state.networks["generator"].register_forward_pre_hook(lambda *_: 1 / 0)


def test_a_failing_node_fails_its_run_with_its_name_and_the_run_resumes_from_its_checkpoint(
    bench: Bench, small: Small, home: Path
) -> None:
    run = bench.start(small())
    bench.advance()
    bench.ask(SaveCheckpoint)
    saved = bench.snapshot.step
    break_generator(bench)
    bench.advance()
    failed = bench.snapshot
    assert (failed.state, failed.active, failed.step) == ("failed", "generator", saved)
    assert "Generator (generator) failed" in failed.error and "division by zero" in failed.error
    with Store(home) as store:
        assert store.run(run).error_node == "generator"
        assert store.events(run)[-1].kind == "failed"
    with pytest.raises(Refusal, match="the run has failed"):
        bench.ask(Run)
    bench.ask(Resume, run=run)
    bench.advance()
    assert bench.snapshot.state == "running" and bench.snapshot.step > saved


def test_a_pause_is_recorded_once(bench: Bench, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    run = bench.start(small())
    bench.advance()
    store, written = bench.worker.session.store, []
    update = store.update
    monkeypatch.setattr(store, "update", lambda run, **changes: (written.append(changes), update(run, **changes)))
    bench.ask(Pause, who="Bob")
    assert written == [{"state": "paused"}]
    assert [event.who for event in store.events(run) if event.kind == "paused"] == ["Bob"]
    assert (bench.snapshot.state, bench.snapshot.who, bench.snapshot.saved) == ("paused", "Bob", bench.snapshot.step)


def test_a_run_starts_after_a_failed_one(bench: Bench, small: Small) -> None:
    bench.start(small())
    break_generator(bench)
    bench.advance()
    bench.start(small())
    bench.advance()
    assert bench.snapshot.state == "running" and bench.snapshot.step > 0 and not bench.snapshot.error


def test_a_full_disk_at_the_start_of_a_run_fails_and_releases_the_run(
    bench: Bench, small: Small, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:

        def save(*_: object) -> None:
            raise CannotWrite("checkpoint", "no space left on device")

        full.setattr(checkpoint, "save", save)
        with pytest.raises(CannotWrite, match="no space left"):
            bench.start(small())
    with Store(home) as store:
        record = store.recent(1)[0]
        assert (record.state, mark_interrupted(store)) == ("failed", [])
    bench.start(small())
    assert bench.snapshot.state == "running"


def test_a_nan_loss_pauses_the_run_at_the_last_good_step_and_names_the_first_bad_tensor(
    bench: Bench, small: Small, home: Path
) -> None:
    run = bench.start(small())
    bench.chunk(3)
    with torch.no_grad():
        next(bench.run.trainer.state.networks["discriminator"].parameters()).fill_(torch.nan)
    bench.ask(Chunk, steps=3)
    bench.go_on()
    snapshot = bench.snapshot
    assert (snapshot.state, snapshot.step, snapshot.stop_kind) == ("paused", 3, "not finite")
    assert "became NaN or infinite at step 4" in snapshot.stopped
    assert "The first tensor to go bad was real_scores, in the stage 'score real'" in snapshot.stopped
    # All of its images, since the weights are at fault.
    assert re.search(r"\. The batch had training images [\d,]+, .* and [\d,]+\. Go back", snapshot.stopped)
    with Store(home) as store:
        assert len(store.events(run)[-1].data["images"]) == 8
        assert metrics.history(store, run).points == 3
        assert store.events(run)[-1].kind == "stopped"
    # Back restores earlier weights, and training continues.
    bench.ask(Back, step=2)
    bench.go_on()
    bench.ask(Chunk, steps=4)
    bench.go_on()
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (6, "")


def test_diverging_weights_pause_the_run_with_finite_weights(bench: Bench, small: Small) -> None:
    bench.start(small())
    bench.chunk(5)
    bench.ask(SetLive, node="discriminator_optimizer", parameter="learning_rate", value=1.0)
    for parameter in bench.run.trainer.state.networks["discriminator"].parameters():
        parameter.register_hook(lambda gradient: gradient * 1e38)
    bench.ask(Chunk, steps=50)
    bench.go_on()
    snapshot = bench.snapshot
    assert (snapshot.state, snapshot.stop_kind) == ("paused", "not finite")
    assert "The first tensor to go bad was" in snapshot.stopped
    assert 5 <= snapshot.step < 55
    assert all(torch.isfinite(weight).all() for weight in bench.weights().values())
