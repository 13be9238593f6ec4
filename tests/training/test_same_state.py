"""A digest of each part of a state; that processes compare it is in `tests/ranks/test_two_processes.py`."""

import pytest
import torch

from pipeline.training.same_state import AT_ONCE, digest, digests_of, require_same_state
from pipeline.training.trainer import Trainer

TENSORS = {
    "float32": torch.randn(7),
    "float64": torch.randn(7, dtype=torch.float64),
    "bfloat16": torch.randn(7, dtype=torch.bfloat16),
    "int64": torch.arange(7),
    "bytes": torch.arange(7, dtype=torch.uint8),
    "channels last": torch.randn(1, 7, 2, 2).contiguous(memory_format=torch.channels_last),
}


@pytest.mark.parametrize("name", TENSORS)
def test_a_digest_depends_on_every_element_and_its_place(name):
    values = TENSORS[name]
    whole = digest([values])
    assert -(2**63) <= whole < 2**63
    assert digest([values.clone()]) == whole
    for place in range(7):
        changed = values.clone()
        changed.select(1 if values.ndim > 1 else 0, place).add_(1)
        assert digest([changed]) != whole
    assert digest([values.flip(1 if values.ndim > 1 else 0)]) != whole
    # As if they were one tensor: parts are told apart by their names.
    assert digest([values, values]) != digest([values])


def test_a_digest_of_many_numbers_is_taken_in_parts():
    values = torch.zeros(AT_ONCE + 2)
    before = digest([values])
    values[-1] = 1e-45
    assert digest([values]) != before


def test_true_and_false_differ_and_zeros_of_either_sign():
    assert digest([torch.tensor([True, False])]) != digest([torch.tensor([False, True])])
    assert digest([torch.tensor([0.0])]) != digest([torch.tensor([-0.0])])


def test_each_part_of_a_state_has_its_own_digest(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    trainer.step()
    state = trainer.state
    before = digests_of(state)
    assert list(before) == [
        "the weights of the generator",
        "the weights of the discriminator",
        "the averaged weights of the generator",
        "the numbers of the generator's optimizer",
        "the numbers of the discriminator's optimizer",
        "the numbers that updates keep",
        "the random numbers",
        "the random numbers of dropout",
        "the counters",
    ]
    state.seconds += 1
    assert digests_of(state) == before

    def changed():
        now = digests_of(state)
        return [name for name in before if now[name] != before[name]]

    state.optimizers["generator"].state_dict()["state"][0]["exp_avg"].flatten()[0] += 1
    assert changed() == ["the numbers of the generator's optimizer"]
    torch.rand(1)
    torch.rand(1, generator=state.random)
    state.images_seen += 1
    assert changed() == [
        "the numbers of the generator's optimizer",
        "the random numbers",
        "the random numbers of dropout",
        "the counters",
    ]


def test_a_single_process_is_always_the_same_as_itself(make_experiment):
    require_same_state(Trainer.fresh(make_experiment()).state)
