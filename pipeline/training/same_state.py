"""Whether all processes of a run hold the same state: compared by a digest of each of its parts.

The processes never send each other their weights. They hold the same ones because each adds the same gradients to the
same numbers in the same order. Code that breaks this (a layer that draws random numbers of its own, a stage that looks
at the number of the process) would otherwise train several networks that differ, of which one is saved.
"""

from collections.abc import Iterator, Mapping, Sequence
from zlib import crc32

import torch
from torch import Tensor

from pipeline.errors.processes import ProcessesDiffer
from pipeline.training.state import TrainState, global_random_state

AT_ONCE = 2**20
"""Numbers of a tensor that are taken into a digest at once; bounds the memory that it takes."""
ODD = 0x9E3779B97F4A7C15 - 2**64
"""2⁶⁴ divided by the golden ratio, as a signed number: the multiplier of Fibonacci hashing (Knuth, volume 3, 6.4)."""


def require_same_state(state: TrainState, node: str = "", title: str = "") -> None:
    """Raise ProcessesDiffer in every process if the state of one differs from that of process 0 by a single bit.

    Every process must call it, at the same step; they exchange 8 bytes for each part. Does nothing for a single one.
    node, title: of the training node.
    """
    if state.ranks.alone:
        return
    digests = digests_of(state)
    every = state.ranks.collect(torch.tensor(list(digests.values()), dtype=torch.int64))
    for rank, own in enumerate(every):
        for part, same in zip(digests, (own == every[0]).tolist(), strict=True):
            if not same:
                raise ProcessesDiffer(part, rank, state.step, node, title)


def digests_of(state: TrainState) -> dict[str, int]:
    """64 bits for each part of a state, by what it is: "the weights of the …", "the random numbers", …."""
    parts: dict[str, Sequence[Tensor]] = {}
    for role, network in state.networks.items():
        parts[f"the weights of the {role}"] = list(network.state_dict().values())
    for role, average in state.averages.items():
        parts[f"the averaged weights of the {role}"] = list(average.state_dict().values())
    for role, optimizer in state.optimizers.items():
        parts[f"the numbers of the {role}'s optimizer"] = list(_tensors_in(optimizer.state_dict()["state"]))
    parts["the numbers that updates keep"] = list(state.numbers.values())
    parts["the random numbers"] = [state.random.get_state()]
    parts["the random numbers of dropout"] = [global_random_state(state.device)]
    counted = (state.step, state.images_seen, sorted(state.counters.items()), sorted(state.live.items()), state.journal)
    return {name: digest(tensors) for name, tensors in parts.items()} | {"the counters": crc32(repr(counted).encode())}


def digest(tensors: Sequence[Tensor]) -> int:
    """64 bits, signed, that depend on every bit of these tensors and on its place. The same on every device.

    The sum modulo 2⁶⁴ of each element's bits times an odd number of its place.
    """
    total, place = 0, 1
    for tensor in tensors:
        bits = _as_integers(tensor.detach().contiguous().view(-1))
        for part in torch.split(bits, AT_ONCE):
            places = torch.arange(place, place + len(part), device=part.device) * ODD | 1
            total += int((part * places).sum().item())
            place += len(part)
    return (total + 2**63) % 2**64 - 2**63


def _as_integers(values: Tensor) -> Tensor:
    """The bits of each element as int64."""
    if values.dtype == torch.bool:
        return values.long()
    sizes = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    return values.view(sizes[values.element_size()]).long()


def _tensors_in(content: object) -> Iterator[Tensor]:
    if isinstance(content, Tensor):
        yield content
    elif isinstance(content, Mapping):
        for each in content.values():
            yield from _tensors_in(each)
