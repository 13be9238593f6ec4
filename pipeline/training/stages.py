"""What a training step is made of: updates, each a list of stages, each belonging to a node of the workflow.

An `Update` is a plan: which stages come, in which order, whose node does each. The `Trainer` runs them and yields a
`Stage` after each with the tensors that it made. Because the plan is there before a stage runs, a stage that fails
can say whose it is, and a page can show what comes next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from pipeline.training.state import TrainState

Made = Mapping[str, Tensor]
"""What stages have made so far in this update, by name; metrics are 0-dimensional and bear their metric's name."""


@dataclass(frozen=True)
class Operation:
    """One stage of the plan. `run(state, made)` returns what it adds to `made`. formula: LaTeX of what it works out.

    roles: of the networks whose gradients or weights it changes.
    """

    name: str
    node: str
    run: Callable[[TrainState, Made], Made]
    formula: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Update:
    """One loss's share of a step.

    name: the role of the network that learns, or what those that learn together are called. counter: name of its
    counter in the state. repeats: key of the live value that says how often the update is done in a step; "" for once.
    """

    name: str
    counter: str
    operations: tuple[Operation, ...]
    repeats: str = ""

    @property
    def roles(self) -> frozenset[str]:
        """Of the networks that it moves; others that its loss passes through stay as they are."""
        return frozenset(role for operation in self.operations for role in operation.roles)


@dataclass(frozen=True)
class Stage:
    """A stage that has just been done.

    update: name of the update it belongs to. number, of: its place among the stages of the step, from 1.
    made: the tensors it made, detached.
    """

    update: str
    operation: Operation
    number: int
    of: int
    made: Made

    @property
    def name(self) -> str:
        return self.operation.name

    @property
    def node(self) -> str:
        return self.operation.node
