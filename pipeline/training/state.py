"""The state of a run: everything that training changes, in one plain object.

The Trainer keeps no training state of its own. A `Captured` is a copy at a step boundary: Back restores one, and a
checkpoint stores one in files. Anything that a step both reads and changes must be here, or a resumed run would differ
from an uninterrupted one.
"""

from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from pipeline.ranks.drawing import BatchRandom
from pipeline.ranks.ranks import Ranks
from pipeline.training.optimizer_part import OptimizerPart

Weights = Literal["ema", "raw"]
"""Which weights of a network: the moving average ("ema"), or those that the optimizer updates ("raw")."""


class JournalEntry(NamedTuple):
    """A user's change to the run after `step` steps; a replay repeats it at the same step."""

    step: int
    action: str
    value: float


@dataclass(frozen=True)
class Captured:
    """A copy of a state at a step boundary. Shares no memory with the state it is taken from or restored to."""

    networks: Mapping[str, Mapping[str, Tensor]]
    """Role -> weights."""
    averages: Mapping[str, Mapping[str, Tensor]]
    """Role -> averaged weights."""
    optimizers: Mapping[str, Mapping[str, Any]]
    """Role -> state of its optimizer."""
    random: Mapping[str, Tensor]
    """States of the random number generators: "noise", the run's, and "global", the device's, which dropout uses."""
    device: str
    """Type of the device ("cpu", "cuda") of these generators."""
    step: int
    """Finished steps."""
    counters: Mapping[str, int]
    """Finished updates, by counter."""
    images_seen: int
    """Real images drawn, which is the position in the data."""
    seconds: float
    """Time spent training."""
    live: Mapping[str, float]
    """Current values by "node.parameter"."""
    journal: tuple[JournalEntry, ...]
    """The changes made by users so far."""
    threads: int
    """CPU threads."""
    numbers: Mapping[str, Tensor] = field(default_factory=dict)
    """The numbers that updates keep, by name."""

    @property
    def size(self) -> int:
        """Size of all its tensors, in bytes."""
        return sum(_bytes_in(each) for each in (self.networks, self.averages, self.optimizers, self.random))


@dataclass
class TrainState:
    """The current state of a run."""

    networks: dict[str, nn.Module]
    """Role -> network, in training mode."""
    averages: dict[str, nn.Module]
    """Role -> exponential moving average of the network, in eval mode."""
    optimizers: dict[str, torch.optim.Optimizer]
    """Role -> optimizer."""
    parts: Mapping[str, OptimizerPart]
    """Role -> how live values set the optimizer's options."""
    random: BatchRandom
    """Random numbers for noise and penalties, on the device; the same in every process."""
    device: torch.device
    """Where networks and random numbers are."""
    seed: int
    """The run's seed."""
    live: dict[str, float]
    """Current values by "node.parameter"."""
    journal: list[JournalEntry]
    """The changes made by users so far."""
    counters: dict[str, int]
    """Finished updates, by counter."""
    threads: int
    """CPU threads; the rounding of sums depends on their number."""
    numbers: dict[str, Tensor]
    """0-dimensional tensors on the device that updates keep from step to step, by name."""
    step: int = 0
    """Finished steps."""
    images_seen: int = 0
    """Real images drawn, which is the position in the data."""
    seconds: float = 0.0
    """Time spent training."""
    by_share: tuple[Tensor, ...] = ()
    """Buffers that each of several processes changes by its own images alone, until an update averages them."""

    def __post_init__(self) -> None:
        # Listed once, since walking the modules of both networks at every step takes as long as a small layer.
        self._followed = {
            role: [tuple(map(list, (each.parameters(), each.buffers()))) for each in (average, self.networks[role])]
            for role, average in self.averages.items()
        }

    @property
    def ranks(self) -> Ranks:
        """The processes that train this state; each holds a copy."""
        return self.random.ranks

    def network(self, role: str, weights: Weights = "raw") -> nn.Module:
        """The network of this role; with "ema", the raw one if no average is kept."""
        return self.averages.get(role, self.networks[role]) if weights == "ema" else self.networks[role]

    def networks_of(self, weights: Weights = "raw") -> dict[str, nn.Module]:
        """The network of every role, as `network` chooses it."""
        return {role: self.network(role, weights) for role in self.networks}

    def set_live(self, key: str, value: float) -> None:
        """Set a live value in `live`, which updates read, and in the options of the optimizers."""
        self.live[key] = value
        for role, part in self.parts.items():
            part.apply_live(self.optimizers[role], self.live)

    @torch.no_grad()
    def average(self, decay: float, roles: Collection[str]) -> None:
        """average ← decay · average + (1 − decay) · weights, for each averaged network of these; buffers are copied.

        Buffers are statistics of batch normalization, which are running means already.
        """
        for role, ((averages, copies), (weights, buffers)) in self._followed.items():
            if role not in roles:
                continue
            torch._foreach_lerp_(averages, weights, 1 - decay)
            if buffers:
                torch._foreach_copy_(copies, buffers)

    def capture(self) -> Captured:
        """A copy of the whole state; call it only at a step boundary."""
        return Captured(
            networks={role: deepcopy(network.state_dict()) for role, network in self.networks.items()},
            averages={role: deepcopy(network.state_dict()) for role, network in self.averages.items()},
            optimizers={role: deepcopy(optimizer.state_dict()) for role, optimizer in self.optimizers.items()},
            random={"noise": self.random.get_state(), "global": global_random_state(self.device)},
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
        """Restore a captured state. Raises RuntimeError or KeyError, as torch does, if the networks differ."""
        # Copied into the existing weights, which keep their memory format and to which optimizers refer.
        for role, weights in captured.networks.items():
            self.networks[role].load_state_dict(weights)
        for role, average in self.averages.items():
            average.load_state_dict(captured.averages.get(role, captured.networks[role]))
        for role, optimizer in captured.optimizers.items():
            # Copied once more, because load_state_dict may keep the given tensors, which later steps would change.
            self.optimizers[role].load_state_dict(deepcopy(dict(optimizer)))
        if captured.device == self.device.type:
            self.random.set_state(captured.random["noise"])
            _set_global_random_state(self.device, captured.random["global"])
        else:
            # Random states differ between device types: reseed, but not as at step 0.
            self.random.manual_seed(self.seed + captured.step)
            torch.manual_seed(self.seed + captured.step)
        self.step = captured.step
        self.counters = dict(captured.counters)
        self.images_seen = captured.images_seen
        self.seconds = captured.seconds
        # A checkpoint of an older version may lack a live value or number, which then keeps its initial value.
        self.live |= captured.live
        self.journal = list(captured.journal)
        self.numbers |= {
            name: number.to(self.device, copy=True) for name, number in captured.numbers.items() if name in self.numbers
        }
        self.threads = captured.threads
        if self.threads != torch.get_num_threads():
            torch.set_num_threads(self.threads)


def global_random_state(device: torch.device) -> Tensor:
    """The state of torch's own random number generator of this device, which dropout uses."""
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
