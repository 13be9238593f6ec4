"""The plan of a run's next step: which updates take part, how often, and what they need before they begin."""

from collections.abc import Callable, Container
from contextlib import AbstractContextManager

from pipeline.data.progress import ReadProgress
from pipeline.training.experiment import Experiment
from pipeline.training.sampler import Sampler
from pipeline.training.stages import Operation, Update
from pipeline.training.state import TrainState


class StepPlan:
    """The updates of one run, by its state. Training has phases if they take part in different steps."""

    def __init__(self, experiment: Experiment, state: TrainState) -> None:
        self._experiment = experiment
        self._state = state
        self._prepared: dict[str, int] = {}

    @property
    def updates(self) -> tuple[tuple[Update, int], ...]:
        """The updates of a step that begins now, in order, each with the number of times that its live value says."""
        live, step = self._state.live, self._state.step
        return tuple(
            (update, int(live.get(update.repeats, 1))) for update in self._experiment.updates if update.takes_part(step)
        )

    @property
    def stages(self) -> tuple[tuple[Update, Operation], ...]:
        """The stages of a step that begins now."""
        return tuple(
            (update, stage) for update, count in self.updates for _ in range(count) for stage in update.operations
        )

    @property
    def sampler(self) -> Sampler:
        """The sampler of the sample grid: that of an update of the last step, if one has its own."""
        last = max(0, self._state.step - 1)
        own = (update.grid for update in self._experiment.updates if update.takes_part(last))
        return next(filter(None, own), self._experiment.grid or self._experiment.sampler)

    @property
    def gaps(self) -> frozenset[str]:
        """The metrics that a step that begins now does not record, because they are those of another phase."""
        step = self._state.step
        others = [update for update in self._experiment.updates if not update.takes_part(step)]
        return frozenset(name for update in others for name in update.series)

    def missing(self, metrics: Container[str]) -> str:
        """The first metric that a step that begins now has to record and that is not among `metrics`; "" if none is."""
        gaps = self.gaps
        return next((name for name in self._experiment.series if name not in metrics and name not in gaps), "")

    @property
    def unprepared(self) -> tuple[Update, ...]:
        """The updates of a step that begins now whose `prepare` is called first."""
        begin = self._state.step
        return tuple(
            update
            for update, _ in self.updates
            if update.prepare is not None
            and (update.name not in self._prepared or begin == update.first != self._prepared[update.name])
        )

    def prepare(self, progress: ReadProgress, blamed: Callable[[str, str], AbstractContextManager[None]]) -> None:
        """Have the updates of the next step ready. Raises what `progress` raises.

        blamed: (id of a node, what failed) -> a context that turns other errors into that node's.
        An update is prepared where its phase begins, since that depends on the phase before, and after `forget`.
        """
        for update in self.unprepared:
            assert update.prepare is not None
            with blamed(update.operations[0].node, "be made ready"):
                update.prepare(self._state, progress)
            self._prepared[update.name] = self._state.step

    def forget(self) -> None:
        """Prepare every update again before its next step, because the state is another one."""
        self._prepared.clear()
