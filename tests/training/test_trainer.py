"""The Trainer: walking equals slices, drawing samples does not affect training, and errors name their node."""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch

from pipeline.errors.training import NodeFailure, NotFinite, NotLive
from pipeline.training.stages import Operation
from pipeline.training.trainer import Trainer

FAMILIES = ["mlp", "dcgan", "wgan-gp"]
RATE = "generator_optimizer.learning_rate"


def with_operation(experiment, update, name, run):
    """The same experiment with another function for one stage of one update."""
    chosen = experiment.updates[update]
    operations = tuple(Operation(o.name, o.node, run) if o.name == name else o for o in chosen.operations)
    updates = list(experiment.updates)
    updates[update] = replace(chosen, operations=operations)
    return replace(experiment, updates=tuple(updates))


@pytest.mark.parametrize("family", FAMILIES)
def test_stage_by_stage_equals_slices_bit_for_bit(make_experiment, same_bits, family):
    experiment = make_experiment(family, discriminator_updates=2)
    fast = Trainer.fresh(experiment)
    at_once = fast.slice(5, seconds=60)
    fast_state = fast.capture()
    slow = Trainer.fresh(experiment)
    rows = []
    for _ in range(5):
        for _ in slow.stages():
            pass
        rows.append(slow.read().values)
    same_bits(fast_state, slow.capture())
    series = len(experiment.series)
    assert np.array_equal(at_once.values[:, :series], np.concatenate(rows)[:, :series])


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_torchs_global_modes_are_reset_at_every_stage(make_experiment, family, precision):
    for _ in Trainer.fresh(make_experiment(family, precision=precision)).stages():
        assert torch.is_grad_enabled()
        assert not torch.is_autocast_enabled("cpu")
        assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_tensors_of_a_stage_are_detached(make_experiment, family):
    for stage in Trainer.fresh(make_experiment(family)).stages():
        assert not any(tensor.requires_grad for tensor in stage.made.values())


@pytest.mark.parametrize("weights", ["ema", "raw"])
@pytest.mark.parametrize("family", FAMILIES)
def test_drawing_samples_does_not_affect_training(make_experiment, same_bits, family, weights):
    experiment = make_experiment(family)
    undisturbed = Trainer.fresh(experiment)
    undisturbed.slice(6, seconds=60)
    expected = undisturbed.capture()
    looking = Trainer.fresh(experiment)
    for _ in range(6):
        for stage in looking.stages():
            if stage.name == "score fake":
                looking.draw(3, seed=1, weights=weights)
        looking.draw(5, seed=0, weights=weights)
    same_bits(expected, looking.capture())


def test_drawing_depends_only_on_the_seed(make_experiment):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    trainer.slice(2, seconds=60)
    pictures = trainer.draw(4, seed=0)
    assert pictures.shape == (4, 8, 8, 1)
    assert pictures.dtype == np.uint8
    assert np.array_equal(pictures, trainer.draw(4, seed=0))
    assert not np.array_equal(pictures, trainer.draw(4, seed=1))
    assert not np.array_equal(pictures, trainer.draw(4, seed=0, weights="raw"))


def test_a_slice_has_the_numbers_of_its_steps(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    first, second = trainer.slice(3, seconds=60), trainer.slice(2, seconds=60)
    assert (first.first_step, first.steps) == (1, 3)
    assert (second.first_step, second.steps) == (4, 2)
    assert first.names == (*trainer.experiment.series, "images_per_second", "seconds")
    assert first.values.shape == (3, len(first.names))
    assert first.values.dtype == np.float32


def test_a_slice_counts_the_time_of_its_steps(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    first, second = trainer.slice(3, seconds=60), trainer.slice(2, seconds=60)
    assert trainer.state.seconds == pytest.approx(first.seconds + second.seconds)
    clock = np.concatenate([first.values[:, -1], second.values[:, -1]])
    assert (np.diff(clock) > 0).all()
    assert clock[-1] == pytest.approx(trainer.state.seconds)
    np.testing.assert_allclose(second.values[:, -2], 16 * 2 / second.seconds, rtol=1e-6)


def test_a_slice_ends_when_its_time_is_over_after_at_least_one_step(make_experiment, monkeypatch):
    trainer = Trainer.fresh(make_experiment())
    assert trainer.slice(None, seconds=0).steps == 1
    readings = count(step=0.001)
    monkeypatch.setattr("pipeline.training.trainer.perf_counter", lambda: next(readings))
    found = trainer.slice(None, seconds=0.05)
    # A step reads the clock a few times; the slice ends at the first step after its time is over.
    assert found.steps > 1 and found.seconds < 0.06


def test_a_slice_ends_between_steps_when_it_is_interrupted(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    answers = iter([False, False, True])
    assert trainer.slice(100, interrupted=lambda: next(answers)).steps == 3
    assert trainer.between_steps


def test_a_half_done_step_is_continued_and_not_restarted(make_experiment, same_bits):
    experiment = make_experiment()
    straight = Trainer.fresh(experiment)
    straight.slice(2, seconds=60)
    expected = straight.capture()
    trainer = Trainer.fresh(experiment)
    assert next(trainer.stages()).name == "draw real images"
    assert next(trainer.stages()).name == "draw noise"
    assert not trainer.between_steps
    taken = trainer.slice(2, seconds=60)
    assert (taken.first_step, taken.steps) == (1, 2)
    same_bits(expected, trainer.capture())


def test_the_last_stage_counts_the_step(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    stages = trainer.stages()
    while next(stages).node != "generator_optimizer":
        assert trainer.state.step == 0
    assert trainer.state.step == 1
    assert trainer.between_steps
    assert trainer.read().steps == 1


def test_restoring_discards_a_half_done_step_and_unread_metrics(make_experiment, same_bits):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(2, seconds=60)
    captured = trainer.capture()
    for _ in trainer.stages():
        pass
    next(trainer.stages())
    trainer.restore(captured)
    assert trainer.between_steps
    same_bits(captured, trainer.capture())
    assert (trainer.read().steps, trainer.slice(1).first_step) == (0, 3)


def test_a_live_change_reaches_the_optimizer_and_the_journal(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(3, seconds=60)
    trainer.set_live(RATE, 0.25)
    assert trainer.state.optimizers["generator"].param_groups[0]["lr"] == 0.25
    assert trainer.state.optimizers["discriminator"].param_groups[0]["lr"] == 0.001
    assert trainer.state.journal == [(3, RATE, 0.25)]


def test_a_live_change_in_the_middle_of_a_step_finishes_the_step_first(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    next(trainer.stages())
    trainer.set_live(RATE, 0.25)
    assert trainer.state.journal == [(1, RATE, 0.25)]


def test_a_live_change_is_undone_by_going_back_before_it(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    captured = trainer.capture()
    trainer.set_live(RATE, 0.25)
    trainer.restore(captured)
    assert trainer.state.live[RATE] == trainer.state.optimizers["generator"].param_groups[0]["lr"] == 0.002
    assert trainer.state.journal == []


@pytest.mark.parametrize("key", ["training.batch_size", "generator_optimizer.learning_rat", "nonsense"])
def test_a_parameter_that_is_not_live_cannot_be_changed(make_experiment, key):
    trainer = Trainer.fresh(make_experiment())
    with pytest.raises(NotLive, match=r"cannot change during a run"):
        trainer.set_live(key, 1.0)
    assert trainer.state.journal == []


def test_a_failure_names_the_node_and_the_stage(make_experiment):
    def fail(state, made):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied\nmany more lines")

    trainer = Trainer.fresh(with_operation(make_experiment(), -1, "generate", fail))
    with pytest.raises(NodeFailure) as caught:
        trainer.slice(1)
    assert caught.value.node_id == "generator"
    assert str(caught.value) == (
        "Node 'generator' failed to run its stage 'generate': mat1 and mat2 shapes cannot be multiplied"
    )


def test_full_device_memory_is_reported_with_a_remedy(make_experiment):
    def fail(state, made):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB …")

    with pytest.raises(NodeFailure, match="Choose a smaller batch size"):
        Trainer.fresh(with_operation(make_experiment(), 0, "score real", fail)).step()


def test_after_a_failure_earlier_steps_can_be_read_and_a_restored_state_trains(make_experiment):
    experiment = make_experiment()
    generate = next(o.run for o in experiment.updates[-1].operations if o.name == "generate")
    broken = True

    def fail_in_step_three(state, made):
        if broken and state.step == 2:
            raise ValueError
        return generate(state, made)

    trainer = Trainer.fresh(with_operation(experiment, -1, "generate", fail_in_step_three))
    captured = trainer.capture()
    with pytest.raises(NodeFailure, match="ValueError"):
        trainer.slice(5, seconds=60)
    assert (trainer.read().steps, trainer.state.step) == (2, 2)
    broken = False
    trainer.restore(captured)
    assert trainer.slice(5, seconds=60).steps == 5


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_metric_that_is_not_finite_is_named_with_its_step_and_node(make_experiment, bad):
    experiment = make_experiment()
    gradients = next(o.run for o in experiment.updates[-1].operations if o.name == "gradients")

    def spoil_step_three(state, made):
        norms = gradients(state, made)
        return {"G_grad_norm": norms["G_grad_norm"] + (bad if state.step == 2 else 0.0)}

    trainer = Trainer.fresh(with_operation(experiment, -1, "gradients", spoil_step_three))
    with pytest.raises(NotFinite) as caught:
        trainer.slice(6, seconds=60)
    assert caught.value.node_id == "generator"
    assert "G_grad_norm became NaN or infinite at step 3." in str(caught.value)
    good = trainer.read()
    assert (good.first_step, good.steps) == (1, 2)
    assert np.isfinite(good.values).all()


def test_a_learning_rate_that_is_far_too_high_ends_as_not_finite(make_experiment):
    trainer = Trainer.fresh(make_experiment("wgan-gp"))
    trainer.set_live("discriminator_optimizer.learning_rate", 1e30)
    with pytest.raises(NotFinite) as caught:
        trainer.slice(20, seconds=5)
    assert caught.value.node_id == "objective"


def test_training_lowers_the_discriminators_loss_against_a_fixed_generator(make_experiment):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    trainer.set_live(RATE, 0.0)
    trainer.set_live("discriminator_optimizer.learning_rate", 0.01)
    losses = trainer.slice(60, seconds=20).values[:, 0]
    assert losses[-10:].mean() < 0.7 * losses[:3].mean()
