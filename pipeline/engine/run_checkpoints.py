"""The checkpoints of a loaded run: when one is due, saving it, and deleting those that are not kept.

The rules are those of the node *Checkpoints*, in which they may change during the run; without it, the usual ones.
"""

from collections.abc import Collection
from pathlib import Path
from time import monotonic

from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.training.checkpoints import CheckpointRules, rules_of
from pipeline.runs.store import Store
from pipeline.training import checkpoint
from pipeline.training.state import TrainState


class RunCheckpoints:
    """Saves and thins. saved: the step of the last checkpoint; None if there is none. outdated: whether a user has
    changed the run at that step since."""

    def __init__(self, store: Store, run: str, checked: CheckedWorkflow) -> None:
        self._store = store
        self._run = run
        self._files = store.files(run)
        self._checked = checked
        self._saved_at = monotonic()
        self.saved: int | None = None
        self.outdated = False

    def rules(self, state: TrainState) -> CheckpointRules:
        """The rules in force."""
        return rules_of(self._checked.report, state.live)

    def due(self, state: TrainState) -> bool:
        """Whether a checkpoint is to be saved now: by the time since the last one, or by the step."""
        rules = self.rules(state)
        by_step = rules.keeping.every > 0 and state.step % rules.keeping.every == 0
        return by_step or monotonic() - self._saved_at > rules.seconds

    def steps_until_due(self, state: TrainState) -> int | None:
        """The number of steps until one is due by its step, at least 1; None if none ever is."""
        every = self.rules(state).keeping.every
        return every - state.step % every if every else None

    def missing(self, state: TrainState) -> bool:
        """Whether this state is not saved yet."""
        return self.saved != state.step or self.outdated

    def save(self, state: TrainState, best: Collection[int]) -> Path:
        """Save a checkpoint of this step, unless it is saved already, and thin out older ones. best: the steps that are
        kept as the best. Raises CannotWrite."""
        folder = self._files.checkpoint_folder(state.step)
        if self.missing(state):
            # With the number of events, from which a resume knows which changes came later.
            events = self._store.event_count(self._run)
            checkpoint.save(folder, state, {"run": self._run, "step": state.step, "events": events})
            self._files.thin(self.rules(state).keeping, best)
            self.saved, self.outdated = state.step, False
        self._saved_at = monotonic()
        return folder
