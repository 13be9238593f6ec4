"""Forks: training continues as a new run after a change of a rewound run, or with another workflow."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sqlalchemy import update

from pipeline.errors.base import Refusal
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs import edits, schema
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Back, Chunk, Fork, Pause, Resume, SetLive, UpdateOnly
from tests.engine.conftest import RATE, Bench, recorded, same

Small = Callable[..., Workflow]


@pytest.mark.parametrize(
    ("change", "changed", "short"),
    [
        (SetLive, "Generator Adam · Learning rate 0.0002 → 0.01", "G lr 0.01"),
        (UpdateOnly, "one update of the discriminator only", "one update of the discriminator only"),
    ],
)
def test_a_change_after_back_forks_the_run_and_shares_its_history_up_to_that_step(
    bench: Bench, run: str, home: Path, change: type, changed: str, short: str
) -> None:
    before = recorded(home, run)
    edits.rename(bench.worker.session.store, run, "renamed while loaded")
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
        assert record.name == f"renamed while loaded, from 12, {short}"
        assert (record.changed, record.template, record.images) == (changed, "mlp-gan", "mnist-5k")
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


def test_a_fork_is_named_by_itself_and_remembers_what_was_changed_against_the_values_that_held(
    bench: Bench, run: str, small: Small
) -> None:
    store = bench.worker.session.store
    bench.ask(SetLive, **RATE, value=0.01)
    changed = small("generator_optimizer.learning_rate=0.01", "training.batch_size=4")
    for _ in range(2):
        bench.ask(Fork, workflow=document.write(changed))
        bench.ask(Pause)
        fork = store.run(bench.snapshot.run)
        assert fork.name == "mlp-gan, from 20, batch 4"
        assert (fork.changed, fork.template, fork.images) == ("Training · Batch size 8 → 4", "mlp-gan", "mnist-5k")
        bench.ask(Resume, run=run, paused=True)
    bench.ask(Fork, workflow=document.write(replace(changed, name="my own name")))
    fork = store.run(bench.snapshot.run)
    assert (fork.name, fork.changed, fork.template) == ("my own name", "Training · Batch size 8 → 4", "mlp-gan")


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
    fork = bench.worker.session.store.run(bench.snapshot.run)
    assert (fork.name, fork.changed) == ("mlp-gan, from 20", "")
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
