"""What a training step is made of: updates, each a list of stages, each belonging to a node of the workflow.

An `Update` is a plan: which stages come, in which order, whose node does each. The `Trainer` runs them and yields a
`Stage` after each with the tensors that it made. Because the plan is there before a stage runs, a stage that fails
can say whose it is, and a page can show what comes next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from pipeline.training.state import TrainState

Made = Mapping[str, Tensor]
"""What stages have made so far in this update, by name; metrics are 0-dimensional and bear their metric's name."""


@dataclass(frozen=True)
class Operation:
    """One stage of the plan. `run(state, made)` returns what it adds to `made`."""

    name: str
    node: str
    run: Callable[["TrainState", Made], Made]


@dataclass(frozen=True)
class Update:
    """One network's share of a step, e.g. the discriminator's. `counter` names its counter in the state."""

    name: str
    counter: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Stage:
    """A stage that has just been done: where in the step, whose it was, and the tensors it made (detached)."""

    update: str
    name: str
    node: str
    made: Made
