"""Every image has its own stream of random numbers, independent of the other images and draws."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from pipeline.training.streams import streams

SEEDS = st.integers(0, 2**63 - 1)


@given(SEEDS, st.integers(1, 40), st.integers(1, 40), st.integers(1, 17), st.integers(0, 3))
def test_an_image_has_the_same_noise_for_every_count(seed, few, many, dim, draw):
    few, many = sorted((few, many))
    assert torch.equal(streams(seed, few).normal((dim,), draw), streams(seed, many).normal((dim,), draw)[:few])


@given(SEEDS, st.integers(2, 30), st.data())
def test_an_image_has_the_same_noise_in_every_batch_and_order(seed, count, data):
    whole = streams(seed, count).normal((2, 3))
    start = data.draw(st.integers(0, count - 1))
    assert torch.equal(streams(seed, count)[start : start + 5].normal((2, 3)), whole[start : start + 5])
    assert torch.equal(streams(seed, 3, first=start).normal((2, 3))[: count - start], whole[start : start + 3])


def test_the_third_of_three_and_of_sixteen_is_the_same_image():
    # With torch.randn they would differ, because it redraws the last 16 values of a tensor.
    assert torch.equal(streams(0, 3).normal((100,))[2], streams(0, 16).normal((100,))[2])


def test_different_seeds_numbers_and_draws_give_different_noise():
    drawn = [
        streams(seed, 3).normal((8,), draw)[number]
        for seed in (0, 1, 2**63, 2**64 - 1)
        for draw in (0, 1, 2)
        for number in (0, 2)
    ]
    assert len({tuple(each.tolist()) for each in drawn}) == len(drawn)


def test_draws_are_reproducible_and_independent_of_earlier_ones():
    once = streams(5, 4)
    first, second = once.normal((6,), 0), once.normal((6,), 1)
    assert torch.equal(streams(5, 4).normal((6,), 1), second)
    assert torch.equal(once.normal((6,), 0), first)


@pytest.mark.parametrize("along", ["an image's values", "the images", "the draws"])
def test_noise_is_standard_normal_and_uncorrelated(along):
    match along:
        case "an image's values":
            values = streams(1, 1).normal((20_000,)).numpy()
        case "the images":
            values = streams(1, 20_000).normal((1,)).numpy()
        case _:
            values = np.concatenate([streams(1, 10).normal((1,), draw).numpy() for draw in range(2_000)])
    assert kstest(values.ravel(), "norm").pvalue > 0.001
    assert abs(np.corrcoef(values.ravel()[:-1], values.ravel()[1:])[0, 1]) < 0.03


def test_older_runs_keep_the_noise_drawn_all_at_once():
    whole = torch.randn(16, 5, generator=torch.Generator().manual_seed(7))
    old = streams(7, 16, together=True)
    assert torch.equal(old.normal((5,)), whole)
    assert torch.equal(old[3:6].normal((5,)), whole[3:6])
