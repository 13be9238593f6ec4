"""Random numbers of a batch: the shares of all processes are what a single one draws, and leave the same generator."""

import pytest
import torch

from pipeline.augmentation.augmentation import Augmentation
from pipeline.objectives.denoising import draw_times
from pipeline.ranks.drawing import BatchRandom, integers, normal, ranks_of, uniform
from pipeline.ranks.ranks import ALONE, Ranks

CPU = torch.device("cpu")
WHOLE = 12

DRAWS = {
    "normal": lambda count, random: normal((count, 2, 3), random, CPU),
    "uniform": lambda count, random: uniform((count, 2), random, CPU, -1, 3),
    "uniform, batch last": lambda count, random: uniform((4, count), random, CPU, dim=1).T,
    "integers": lambda count, random: integers(1000, (count,), random, CPU),
    "uniform times": lambda count, random: draw_times("uniform", count, random, CPU),
    "logit-normal times": lambda count, random: draw_times("logit-normal", count, random, CPU),
}


def drawn(draw, ranks):
    random = BatchRandom(CPU, ranks)
    random.manual_seed(4)
    return draw(WHOLE // ranks.count, random), random.get_state()


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("name", DRAWS)
def test_shares_make_up_what_a_single_process_draws(name, count):
    whole, left = drawn(DRAWS[name], ALONE)
    shares = [drawn(DRAWS[name], Ranks(index, count)) for index in range(count)]
    assert torch.equal(torch.cat([share for share, _ in shares]), whole)
    assert all(torch.equal(state, left) for _, state in shares)
    # A plain generator of the same seed draws the same, so that results of earlier versions stay.
    assert torch.equal(DRAWS[name](WHOLE, torch.Generator().manual_seed(4)), whole)


@pytest.mark.parametrize("p", [1.0, 0.5])
def test_every_augmentation_of_two_shares_is_that_of_the_whole_batch(p):
    everything = Augmentation(0.5, 0.5, 20, 0.2, 0.1, 0.1, 0.2, 0.2, 0.2, 0.3, 0.1)
    images = torch.rand(WHOLE, 3, 8, 8) * 2 - 1

    def augmented(ranks):
        return drawn(lambda count, random: everything.apply(ranks.share(images), random, p), ranks)

    whole, left = augmented(ALONE)
    shares = [augmented(Ranks(index, 2)) for index in range(2)]
    torch.testing.assert_close(torch.cat([share for share, _ in shares]), whole, rtol=0, atol=1e-6)
    assert all(torch.equal(state, left) for _, state in shares)


def test_plain_random_numbers_belong_to_a_single_process():
    assert ranks_of(torch.Generator()) is ALONE
    assert ranks_of(BatchRandom(CPU, Ranks(1, 2))) == Ranks(1, 2)
