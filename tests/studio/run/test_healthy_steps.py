"""The last healthy step before a hint that Back can reach."""

import numpy as np
import pytest

from pipeline.graph import document
from pipeline.runs import metrics
from pipeline.runtime.messages.snapshot import RewindStatus
from pipeline.studio import health, workflows
from pipeline.studio.run.healthy_steps import healthy_steps

USUAL = {"D_loss": 0.6, "G_loss": 2.0, "D_real": 0.78, "D_fake": 0.22, "D_grad_norm": 13.0, "G_grad_norm": 6.0}
ALL = RewindStatus(snapshots=(0, 500), checkpoints=(900,))


@pytest.fixture
def recorded(store, new_run):
    """`recorded(1000, D_real=…)`: a run of so many steps, healthy except for these series."""

    def make(steps, first=1, **changes):
        run = new_run(
            workflow_text=document.write(workflows.open_template("dcgan")),
            parent_step=first - 1 if first > 1 else None,
        )
        values = {name: np.broadcast_to(np.float32(each), (steps,)) for name, each in (USUAL | changes).items()}
        metrics.append(store, run.id, first, list(values), np.stack(list(values.values()), axis=1))
        store.update(run.id, step=first + steps - 1)
        return store.run(run.id)

    return make


def winning_after(step, steps=1000):
    won = np.arange(1, steps + 1) > step
    return {"D_real": np.where(won, 0.99, 0.78), "D_fake": np.where(won, 0.01, 0.22)}


def test_the_step_before_a_value_was_not_finite(store, recorded):
    record = recorded(1000, G_loss=np.where(np.arange(1, 1001) >= 731, np.nan, 2.0))
    assert healthy_steps(store, record, 1000, ALL) == {"not-finite": 730}


def test_the_step_before_a_lasting_trouble_began_and_not_only_before_it_was_told(store, recorded):
    record = recorded(1000, **winning_after(600))
    found = healthy_steps(store, record, 1000, ALL)["discriminator-wins"]
    assert 560 <= found <= 600
    assert health.hints(store, record, found) == ()


def test_at_an_earlier_step_only_what_was_wrong_there_is_judged(store, recorded):
    record = recorded(1000, **winning_after(600))
    assert [hint.code for hint in health.hints(store, record, 1000)] == ["discriminator-wins"]
    assert health.hints(store, record, 600) == ()
    assert healthy_steps(store, record, 600, ALL) == {}
    assert health.steps_judged(record, 600) == 600 and health.steps_judged(record, 250) == 0


def test_no_step_is_offered_that_back_cannot_reach(store, recorded):
    record = recorded(1000, **winning_after(600))
    assert healthy_steps(store, record, 1000, RewindStatus(snapshots=(650, 900))) == {}
    assert healthy_steps(store, record, 1000, RewindStatus()) == {}
    assert healthy_steps(store, record, 1000, RewindStatus(checkpoints=(500,))).keys() == {"discriminator-wins"}


def test_trouble_since_the_first_steps_that_can_be_judged_has_no_healthy_step(store, recorded):
    assert healthy_steps(store, recorded(1000, **winning_after(0)), 1000, ALL) == {}
    fork = recorded(600, first=2001, **winning_after(0, 600))
    assert healthy_steps(store, fork, 2600, RewindStatus(checkpoints=(2000,), first=2000)) == {}


def test_in_a_long_run_the_search_goes_beyond_the_steps_that_hints_judge(store, recorded):
    record = recorded(6000, **winning_after(2000, 6000))
    found = healthy_steps(store, record, 6000, RewindStatus(snapshots=(0,)))["discriminator-wins"]
    assert 1960 <= found <= 2000


def test_no_step_after_a_change_that_a_hint_blames_is_healthy(store, recorded):
    rises = np.where(np.arange(1, 1001) > 700, 20.0, 2.0)
    record = recorded(1000, G_loss=rises, **winning_after(760))
    assert healthy_steps(store, record, 1000, ALL)["discriminator-wins"] > 710
    data = {"parameter": "generator_optimizer.learning_rate", "from": 0.001, "to": 0.1}
    store.add_event(record.id, 700, "parameter changed", "…", "Ada", data)
    assert healthy_steps(store, record, 1000, ALL) == {"spike-after-change": 699, "discriminator-wins": 699}


def test_the_hint_that_names_the_cause_comes_before_equally_severe_ones(store, recorded):
    record = recorded(1000, G_loss=np.where(np.arange(1, 1001) > 700, 20.0, 2.0), **winning_after(700))
    data = {"parameter": "generator_optimizer.learning_rate", "from": 0.001, "to": 0.1}
    store.add_event(record.id, 700, "parameter changed", "…", "Ada", data)
    assert [hint.code for hint in health.hints(store, record, 1000)] == ["spike-after-change", "discriminator-wins"]
