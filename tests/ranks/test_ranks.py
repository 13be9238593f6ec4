"""Which part of a batch a process has; what needs several processes is in `test_two_processes.py`."""

import pytest
import torch

from pipeline.ranks.ranks import ALONE, Ranks


def test_the_shares_of_all_processes_are_the_batch_in_order():
    batch = torch.arange(24).view(6, 4)
    assert torch.equal(torch.cat([Ranks(index, 3).share(batch) for index in range(3)]), batch)
    assert torch.equal(torch.cat([Ranks(index, 2).share(batch, 1) for index in range(2)], 1), batch)
    assert Ranks(1, 3).size(6) == 2


def test_the_first_process_leads():
    assert [Ranks(index, 3).leads for index in range(3)] == [True, False, False]


def test_a_single_process_sends_nothing_and_means_are_the_numbers_themselves():
    numbers = torch.tensor([1.0, 2.0], requires_grad=True)
    assert ALONE.alone and ALONE.leads and not Ranks(0, 2).alone
    assert ALONE.share(numbers) is numbers
    assert ALONE.mean(numbers) is numbers
    assert torch.equal(ALONE.gather(numbers), numbers[None])
    assert torch.equal(ALONE.collect(numbers), numbers.detach()[None])
    ALONE.average([numbers.detach()])
    assert numbers.tolist() == [1.0, 2.0]


def test_without_a_group_of_processes_a_mean_over_several_fails():
    with pytest.raises(ValueError, match="process group"):
        Ranks(0, 2).mean(torch.ones(1))
