"""Forks: training continues as a new run after a change of a rewound run, or with another workflow."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sqlalchemy import update

from pipeline.errors.base import Refusal
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs import schema
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Back, Chunk, Fork, Pause, Resume, SetLive, UpdateOnly
from tests.engine.conftest import RATE, Bench, recorded, same

Small = Callable[..., Workflow]


@pytest.mark.parametrize("change", [SetLive, UpdateOnly])
def test_a_change_after_back_forks_the_run_and_shares_its_history_up_to_that_step(
    bench: Bench, run: str, home: Path, change: type
) -> None:
    before = recorded(home, run)
    bench.ask(Back, step=12)
    bench.go_on()
    bench.ask(change, **({**RATE, "value": 0.01} if change is SetLive else {"role": "discriminator"}))
    fork = bench.snapshot.run
    assert fork != run
    bench.chunk(6)
    with Store(home) as store:
        record, parent = store.run(fork), store.run(run)
        assert (record.parent, record.parent_step, record.step) == (run, 12, 18)
        assert (parent.step, parent.state) == (20, "paused")
        assert store.events(fork)[0].kind == "forked"
    assert all(np.array_equal(before[name], recorded(home, run)[name], equal_nan=True) for name in before)
    assert len(recorded(home, fork)["D_loss"]) == 6
    # The fork has the parent's weights of that step: without the change it would equal the parent.
    bench.ask(Back, step=12)
    bench.go_on()
    forked = bench.weights()
    bench.ask(Resume, run=run, paused=True)
    bench.ask(Back, step=12)
    bench.go_on()
    assert same(forked, bench.weights()) is (change is SetLive)


@pytest.mark.parametrize("noise", ["together", "each"])
def test_a_fork_draws_the_noise_of_its_grids_like_its_parent(bench: Bench, run: str, small: Small, noise: str) -> None:
    store = bench.worker.session.store
    with store.database.writing() as connection:
        connection.execute(update(schema.runs).values(noise=noise))
    bench.worker.session.release_run("")
    bench.ask(Resume, run=run, paused=True)
    bench.ask(Back, step=12)
    bench.go_on()
    bench.ask(UpdateOnly, role="discriminator")
    branch = bench.snapshot.run
    bench.ask(Fork, workflow=document.write(small("generator.hidden=24,16")))
    fork = bench.snapshot.run
    assert len({run, branch, fork}) == 3
    assert (store.run(branch).noise, store.run(fork).noise) == (noise, noise)


def test_a_fork_carries_over_every_network_that_fits_and_lists_the_reinitialised_ones(
    bench: Bench, run: str, small: Small, home: Path
) -> None:
    before = bench.weights()
    bench.ask(Fork, workflow=document.write(small("discriminator.hidden=24,16")))
    bench.ask(Pause)
    fork = bench.snapshot.run
    with Store(home) as store:
        record = store.run(fork)
        event = store.events(fork)[0].text
        assert store.run(run).state == "paused"
    assert (record.parent, record.parent_step, bench.snapshot.step) == (run, 20, 20)
    assert "Carried over: generator with its optimizer's state." in event
    assert "Reinitialised: discriminator" in event
    after = bench.weights()
    assert all(torch.equal(before[name], after[name]) for name in before if name.startswith("generator."))
    bench.ask(Chunk, steps=3)
    bench.go_on()
    assert bench.snapshot.step == 23


def test_a_fork_to_the_same_workflow_trains_like_its_parent(bench: Bench, run: str, small: Small) -> None:
    bench.ask(Fork, workflow=document.write(small()), step=None)
    bench.chunk(10)
    forked = bench.weights()
    bench.ask(Resume, run=run, paused=True, switch=True)
    bench.chunk(10)
    assert same(forked, bench.weights())


def test_a_fork_to_an_invalid_workflow_is_refused_and_leaves_the_run_as_it_was(
    bench: Bench, run: str, small: Small, home: Path
) -> None:
    with pytest.raises(Refusal, match="32×32"):
        bench.ask(Fork, workflow=document.write(small("generator.image_size=32")))
    assert (bench.snapshot.run, bench.snapshot.state, bench.snapshot.step) == (run, "paused", 20)
    with Store(home) as store:
        assert len(store.recent()) == 1


def test_a_fork_from_a_step_without_a_checkpoint_is_refused(bench: Bench, run: str, small: Small) -> None:
    with pytest.raises(Refusal, match="has no checkpoint at step 7"):
        bench.ask(Fork, workflow=document.write(small()), step=7)
