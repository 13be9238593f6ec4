"""Runs single stages, checks the tensors that they make, and collects the metrics among them."""

from collections.abc import Iterable, Mapping

from torch import Tensor

from pipeline.training.node_errors import node_errors
from pipeline.training.stages import Made, Operation
from pipeline.training.state import TrainState
from pipeline.training.step_metrics import as_number


class StageRunner:
    """Runs the stages of one state. series: names of the metrics. metric_nodes: metric -> id of the node that made it
    last. titles: node id -> its title for messages."""

    def __init__(self, state: TrainState, series: Iterable[str], titles: Mapping[str, str]) -> None:
        self._state = state
        self._series = frozenset(series)
        self._titles = titles
        self.metric_nodes: dict[str, str] = {}

    def run(self, operation: Operation, made: dict[str, Tensor], metrics: dict[str, Tensor]) -> Made:
        """Run a stage and return what it makes; add that to `made`, and the metrics among it to `metrics`. Raises
        NodeFailure."""
        title = self._titles.get(operation.node, "")
        with node_errors(operation.node, f"run its stage {operation.name!r}", title, every=True):
            added = operation.run(self._state, made)
            for name, tensor in added.items():
                if not isinstance(name, str) or not isinstance(tensor, Tensor):
                    raise TypeError(f"it made {name!r}, a {type(tensor).__name__}, instead of a named tensor")
            made.update(added)
            for name in self._series.intersection(added):
                metrics[name] = as_number(name, added[name], self._state.device)
                self.metric_nodes[name] = operation.node
        return added
