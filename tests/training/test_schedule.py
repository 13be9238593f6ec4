"""Learning rate schedules, compared with those of torch."""

import warnings

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler as reference

from pipeline.training.schedule import Schedule

TOTAL, WARMUP = 60, 12


def rates(make, steps: int, base: float = 0.4) -> list[float]:
    """The learning rates of `steps` steps with torch's scheduler `make(optimizer)`."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def linear(optimizer, over):
    return reference.LinearLR(optimizer, start_factor=1, end_factor=0.1, total_iters=over)


def cosine(optimizer, over):
    return reference.CosineAnnealingLR(optimizer, T_max=over, eta_min=0.1 * optimizer.defaults["lr"])


def steps(optimizer, over):
    return reference.StepLR(optimizer, step_size=7, gamma=0.3)


def constant(optimizer, over):
    return reference.ConstantLR(optimizer, factor=1)


SHAPES = {"linear": linear, "cosine": cosine, "step": steps, "constant": constant}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_equals_torchs(shape):
    ours = Schedule(shape, end_factor=0.1, step_every=7, step_factor=0.3)
    theirs = rates(lambda optimizer: SHAPES[shape](optimizer, TOTAL), TOTAL + 1)
    assert [0.4 * ours.factor(step, TOTAL) for step in range(TOTAL + 1)] == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_warm_up_and_a_shape_equal_torchs_in_sequence(shape):
    def in_sequence(optimizer):
        warm_up = reference.LinearLR(optimizer, start_factor=1 / WARMUP, total_iters=WARMUP - 1)
        after = SHAPES[shape](optimizer, TOTAL - WARMUP)
        return reference.SequentialLR(optimizer, [warm_up, after], milestones=[WARMUP])

    ours = Schedule(shape, WARMUP, end_factor=0.1, step_every=7, step_factor=0.3)
    with warnings.catch_warnings():
        # SequentialLR passes the step to its schedulers, which warn that this is deprecated.
        warnings.filterwarnings("ignore", "The epoch parameter", UserWarning)
        theirs = rates(in_sequence, TOTAL + 1)
    assert [0.4 * ours.factor(step, TOTAL) for step in range(TOTAL + 1)] == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_beyond_the_total_the_factor_is_constant(shape):
    schedule = Schedule(shape, WARMUP, end_factor=0.1, step_every=7, step_factor=0.3)
    assert {schedule.factor(step, TOTAL) for step in (TOTAL, TOTAL + 1, 100 * TOTAL)} == {schedule.factor(TOTAL, TOTAL)}


@given(
    shape=st.sampled_from(sorted(SHAPES)),
    warmup=st.integers(0, 1_000_000),
    end=st.floats(0, 1),
    every=st.integers(1, 10_000_000),
    by=st.floats(0, 1),
    step=st.integers(0, 20_000_000),
    total=st.integers(1, 10_000_000),
)
def test_for_all_parameters_the_factor_is_between_zero_and_one(shape, warmup, end, every, by, step, total):
    assert 0 <= Schedule(shape, warmup, end, every, by).factor(step, total) <= 1
