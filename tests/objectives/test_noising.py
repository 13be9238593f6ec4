import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.objectives.noising import Line, VariancePreserving, betas_of, without_terminal_signal

LINEAR = VariancePreserving(betas_of("linear", 1000))
EVERY = torch.arange(1001, dtype=torch.float64) / 1000


@pytest.mark.parametrize("process", [Line(), LINEAR])
def test_time_zero_is_the_image_and_the_grid_ends_there(process):
    grid = process.grid(7)
    assert grid[0] == 1 and grid[-1] == 0 and (grid.diff() < 0).all() and len(grid) == 8
    assert (process.signal(grid[-1]), process.noise(grid[-1])) == (1, 0)


def test_a_variance_preserving_process_keeps_the_variance():
    torch.testing.assert_close(LINEAR.signal(EVERY) ** 2 + LINEAR.noise(EVERY) ** 2, torch.ones(1001).double())


def test_steps_of_the_markov_chain_add_up_to_the_process():
    """x_t = √(1 − β) x_{t−1} + √β ε: the factors of x₀ multiply, the variances of the noise add up."""
    signal, variance = 1.0, 0.0
    for number, beta in enumerate(betas_of("cosine", 50), start=1):
        signal, variance = signal * (1 - beta) ** 0.5, variance * (1 - beta) + beta
        time = torch.tensor(number / 50, dtype=torch.float64)
        process = VariancePreserving(betas_of("cosine", 50))
        assert process.signal(time).item() == pytest.approx(signal)
        assert process.noise(time).item() ** 2 == pytest.approx(variance)


def test_the_linear_schedule_is_that_of_the_paper():
    betas = betas_of("linear", 1000)
    assert (betas[0], betas[-1]) == pytest.approx((1e-4, 0.02)) and betas[999 // 3] == pytest.approx(1e-4 + 0.0199 / 3)
    # "KL(q(x_T | x_0) || N(0, I)) ≈ 10⁻⁵ bits per dimension", Ho et al. 2020, section 4.
    signal = LINEAR.signal(torch.tensor(1.0, dtype=torch.float64)).item()
    bits = (signal**2 / 3) / 2 / torch.log(torch.tensor(2.0)).item()  # images uniform in [−1, 1]: E[x₀²] = 1/3
    assert 5e-6 < bits < 2e-5


def test_the_roots_of_a_scaled_linear_schedule_are_linear():
    roots = torch.tensor(betas_of("scaled linear", 5, 0.0015, 0.0195)).sqrt()
    torch.testing.assert_close(roots.diff(), roots.diff()[:1].expand(4))


def test_the_signal_of_a_cosine_schedule_is_a_cosine():
    process = VariancePreserving(betas_of("cosine", 1000))
    angles = (EVERY + 0.008) / 1.008 * torch.pi / 2
    expected = angles.cos() / angles[0].cos()
    torch.testing.assert_close(process.signal(EVERY)[:990], expected[:990])


def test_zero_terminal_snr_ends_in_pure_noise_and_keeps_the_first_time():
    process = VariancePreserving(betas_of("linear", 1000), zero_terminal_snr=True)
    ends = torch.tensor([1 / 1000, 1.0], dtype=torch.float64)
    assert process.signal(ends).tolist() == [pytest.approx(LINEAR.signal(ends[:1]).item()), 0]
    assert process.snr(ends[1:]).item() == 0
    torch.testing.assert_close(without_terminal_signal(torch.tensor([0.8, 0.5, 0.2])), torch.tensor([0.8, 0.4, 0.0]))


@given(st.floats(1e-6, 1.0))
def test_known_times_are_those_of_the_schedule(time):
    known = LINEAR.known(torch.tensor(time, dtype=torch.float64)).item()
    assert (
        time <= known + 1e-12 and known - time < 1 / 1000 + 1e-12 and round(known * 1000) == pytest.approx(known * 1000)
    )
    assert Line().known(torch.tensor(time)).item() == pytest.approx(time)


def test_impossible_schedules_are_refused():
    for betas in ([], [-0.1], [0.1, 1.0], [float("nan")]):
        with pytest.raises(ValueError, match="every β must be at least 0 and below 1"):
            VariancePreserving(betas)
    with pytest.raises(ValueError, match="1,001 steps are more than the schedule's 1,000 times"):
        LINEAR.grid(1001)
    with pytest.raises(ValueError, match="at least one step"):
        Line().grid(0)
