"""The state of a run: everything that training changes, in one plain object.

A Trainer is only a hand on it. A `Captured` is a copy at a step boundary: Back restores one, a checkpoint is one in
files. Whatever a step reads and changes must be here, or a resumed run would differ from the uninterrupted one.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from pipeline.training.optimizer_part import OptimizerPart

Weights = Literal["ema", "raw"]
"""Which weights of a network: their moving average, or those that the optimizer moves."""


class JournalEntry(NamedTuple):
    """Something a person did to the run after `step` steps; a replay does it again at the same place."""

    step: int
    action: str
    value: float


@dataclass(frozen=True)
class Captured:
    """A state at a step boundary. Shares no memory with the state it was taken from or is restored to.

    networks, averages: role -> weights. optimizers: role -> state of its optimizer. random: states of the random
    number generators, "noise" for the run's own and "global" for the device's, which dropout draws from.
    device: type of the device ("cpu", "cuda") whose generators these are. numbers: those that updates keep, by name.
    """

    networks: Mapping[str, Mapping[str, Tensor]]
    averages: Mapping[str, Mapping[str, Tensor]]
    optimizers: Mapping[str, Mapping[str, Any]]
    random: Mapping[str, Tensor]
    device: str
    step: int
    counters: Mapping[str, int]
    images_seen: int
    seconds: float
    live: Mapping[str, float]
    journal: tuple[JournalEntry, ...]
    threads: int
    numbers: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all its tensors."""
        return sum(_bytes_in(each) for each in (self.networks, self.averages, self.optimizers, self.random))


@dataclass
class TrainState:
    """What a run has come to.

    networks: role -> network, in training mode. averages: role -> its exponential moving average, in eval mode.
    optimizers: role -> optimizer. parts: role -> how live values reach that optimizer.
    random: numbers for noise and penalties, on the device. live: "node.parameter" -> value in force.
    step: finished steps. counters: finished updates, by counter. images_seen: real images drawn, which
    is the position in the data. seconds: spent training. threads: CPU threads; sums depend on their number.
    numbers: 0-dimensional tensors on the device that updates keep from one step to the next, by name.
    """

    networks: dict[str, nn.Module]
    averages: dict[str, nn.Module]
    optimizers: dict[str, torch.optim.Optimizer]
    parts: Mapping[str, OptimizerPart]
    random: torch.Generator
    device: torch.device
    seed: int
    live: dict[str, float]
    journal: list[JournalEntry]
    counters: dict[str, int]
    threads: int
    numbers: dict[str, Tensor]
    step: int = 0
    images_seen: int = 0
    seconds: float = 0.0

    def network(self, role: str, weights: Weights = "raw") -> nn.Module:
        """The network of this role; the raw one too where "ema" is asked for and no average is kept."""
        return self.averages.get(role, self.networks[role]) if weights == "ema" else self.networks[role]

    def networks_of(self, weights: Weights = "raw") -> dict[str, nn.Module]:
        """`network` of every role."""
        return {role: self.network(role, weights) for role in self.networks}

    def set_live(self, key: str, value: float) -> None:
        """Put a live value in force: updates read it from `live`, optimizers from their options."""
        self.live[key] = value
        for role, part in self.parts.items():
            part.apply_live(self.optimizers[role], self.live)

    @torch.no_grad()
    def average(self, decay: float) -> None:
        """average ← decay · average + (1 − decay) · weights, for each averaged network; its buffers are copied.

        Buffers are statistics of batch normalization, which are running means already.
        """
        for role, average in self.averages.items():
            network = self.networks[role]
            torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - decay)
            if buffers := list(average.buffers()):
                torch._foreach_copy_(buffers, list(network.buffers()))

    def capture(self) -> Captured:
        """A copy of everything; only at a step boundary."""
        return Captured(
            networks={role: deepcopy(network.state_dict()) for role, network in self.networks.items()},
            averages={role: deepcopy(network.state_dict()) for role, network in self.averages.items()},
            optimizers={role: deepcopy(optimizer.state_dict()) for role, optimizer in self.optimizers.items()},
            random={"noise": self.random.get_state(), "global": _global_random_state(self.device)},
            device=self.device.type,
            step=self.step,
            counters=dict(self.counters),
            images_seen=self.images_seen,
            seconds=self.seconds,
            live=dict(self.live),
            journal=tuple(self.journal),
            threads=self.threads,
            numbers={name: number.clone() for name, number in self.numbers.items()},
        )

    def restore(self, captured: Captured) -> None:
        """Become what was captured. Raises RuntimeError or KeyError, as torch does, where the networks differ."""
        # Copied into the weights there are: their memory format stays, and optimizers keep pointing at them.
        for role, weights in captured.networks.items():
            self.networks[role].load_state_dict(weights)
        for role, average in self.averages.items():
            average.load_state_dict(captured.averages.get(role, captured.networks[role]))
        for role, optimizer in captured.optimizers.items():
            # Copied once more: an optimizer goes on with the very tensors it is given.
            self.optimizers[role].load_state_dict(deepcopy(dict(optimizer)))
        if captured.device == self.device.type:
            self.random.set_state(captured.random["noise"])
            _set_global_random_state(self.device, captured.random["global"])
        else:
            # One kind of device cannot continue the random numbers of another: new ones, different from the first.
            self.random.manual_seed(self.seed + captured.step)
            torch.manual_seed(self.seed + captured.step)
        self.step = captured.step
        self.counters = dict(captured.counters)
        self.images_seen = captured.images_seen
        self.seconds = captured.seconds
        # A checkpoint of an older version may lack a value or a number; it begins as it does in a fresh run.
        self.live |= captured.live
        self.journal = list(captured.journal)
        self.numbers |= {
            name: number.to(self.device, copy=True) for name, number in captured.numbers.items() if name in self.numbers
        }
        self.threads = captured.threads
        if self.threads != torch.get_num_threads():
            torch.set_num_threads(self.threads)


def _global_random_state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _set_global_random_state(device: torch.device, state: Tensor) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)


def _bytes_in(content: object) -> int:
    if isinstance(content, Tensor):
        return content.nbytes
    if isinstance(content, Mapping):
        return sum(map(_bytes_in, content.values()))
    return 0
