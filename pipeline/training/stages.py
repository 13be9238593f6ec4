"""The structure of a training step: updates, each a list of stages, each of which belongs to a node of the workflow.

An `Update` is a plan: its stages (`Operation`), their order and their nodes. The `Trainer` runs them and yields a
`Stage` after each one with the tensors that it made. Because the plan exists before a stage runs, an error names the
node of the failed stage, and a page can show the next stage.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor

from pipeline.data.progress import ReadProgress
from pipeline.training.sampler import Sampler
from pipeline.training.state import TrainState

Made = Mapping[str, Tensor]
"""Tensors made by the stages of this update so far, by name; metrics are 0-dimensional, under the metric's name."""


@dataclass(frozen=True)
class Pictures:
    """What a stage made, image by image, for people to look at.

    rows: what the images are -> the first N images of the batch (N, 1 or 3, H, W) in the range of the real images; of
    several processes, of the share of this one, as all tensors of a stage.
    numbers: name -> a number of each image (B,), such as its time; the first two are charted against each other.
    labels: N short texts to show under the images.
    """

    rows: Mapping[str, Tensor]
    numbers: Mapping[str, Tensor] = field(default_factory=dict)
    labels: Sequence[str] = ()


@dataclass(frozen=True)
class Operation:
    """One planned stage. `run(state, made)` returns what it adds to `made`.

    formula: LaTeX of what it computes. roles: roles of the networks whose gradients or weights it changes. pictures:
    how to show what it made, from the state and all that the update has made so far; None for the first images among
    its tensors. Only the debugger calls it, with the networks in eval mode and without gradients.
    """

    name: str
    node: str
    run: Callable[[TrainState, Made], Made]
    formula: str = ""
    roles: tuple[str, ...] = ()
    pictures: Callable[[TrainState, Made], Pictures] | None = None


@dataclass(frozen=True)
class Update:
    """The part of a step that minimises one loss.

    name: the role of the network that learns, or a common name for several. counter: name of its counter in the state.
    repeats: key of the live value with the number of repetitions per step; "" for one. first, last: it is part of the
    steps after `first` finished steps, up to step `last`; None for all of them. So training has phases if the ranges of
    its updates differ. series: names of the metrics that only this update records, which have gaps in other phases.
    prepare: what to do before its first step, with the state at that time; it may be called again at any time.
    image_facts: (what it has made, a row) -> what distinguishes this image of the batch, such as "at time 0.93", to
    explain a value that is not finite; "" if nothing does. None if the rows of its tensors are not those of the batch.
    grid: the sampler of the sample grids drawn after its steps; None for that of the run. takes: names of tensors that
    it takes, with their graph, from the update before it in the same step. alone: the operations that make these where
    no update comes before it: they are not stages of a step, but run first if it runs outside of one.
    """

    name: str
    counter: str
    operations: tuple[Operation, ...]
    repeats: str = ""
    first: int = 0
    last: int | None = None
    series: tuple[str, ...] = ()
    prepare: Callable[[TrainState, ReadProgress], None] | None = None
    image_facts: Callable[[Made, int], str] | None = None
    grid: Sampler | None = None
    takes: tuple[str, ...] = ()
    alone: tuple[Operation, ...] = ()

    def takes_part(self, step: int) -> bool:
        """Whether it is part of the step after `step` finished steps."""
        return self.first <= step and (self.last is None or step < self.last)

    @property
    def roles(self) -> frozenset[str]:
        """Roles of the networks that it updates; others that its loss passes through do not change."""
        return frozenset(role for operation in self.operations for role in operation.roles)


@dataclass(frozen=True)
class Stage:
    """A stage that has just run.

    update: name of its update. number, of: its position, from 1, and the number of stages in the step. followed: the
    tensors it made, some with their graph.
    """

    update: str
    operation: Operation
    number: int
    of: int
    followed: Made

    @property
    def made(self) -> Made:
        """The tensors it made, detached. Only who walks a step asks for them."""
        return {name: tensor.detach() for name, tensor in self.followed.items()}

    @property
    def name(self) -> str:
        return self.operation.name

    @property
    def node(self) -> str:
        return self.operation.node


class StepRanges(Protocol):
    """Marks steps and stages for a profiler: what a context surrounds is measured as one range."""

    def step(self, number: int) -> AbstractContextManager[object]:
        """Around a whole step. number: of the step; a run's first is 1."""
        ...

    def stage(self, update: Update, operation: Operation) -> AbstractContextManager[object]:
        """Around a stage, inside its step, or around one of a single update outside a step."""
        ...
