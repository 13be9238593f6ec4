"""Errors about stored runs, their checkpoints and sample grids."""

from collections.abc import Iterable

from pipeline.errors.base import Fault, Refusal, nearest


class UnknownRun(Refusal):
    """A run id that is not in the store, or that is malformed; or the latest run of a home without runs."""

    def __init__(self, run: str, empty_home: str = "") -> None:
        super().__init__(
            f"There are no runs in {empty_home} yet, so none is the latest. "
            "Start one with `python -m pipeline train WORKFLOW`."
            if empty_home
            else f"There is no run {run[:60]!r}. Home lists the newest runs, and `python -m pipeline runs` all of them."
        )


class UnknownRuns(UnknownRun):
    """Several run ids of which some are not in the store."""

    def __init__(self, runs: Iterable[str]) -> None:
        named = [repr(run[:60]) for run in runs]
        none = "There are no runs" if len(named) > 1 else "There is no run"
        Refusal.__init__(
            self, f"{none} {', '.join(named)}, so nothing was changed. `python -m pipeline runs` lists all runs."
        )


class UnusableTag(Refusal):
    """A tag that runs cannot have. reason: a clause."""

    def __init__(self, tag: str, reason: str) -> None:
        super().__init__(f"{tag[:80]!r} cannot be a tag: {reason}. Choose 1 to 60 characters without commas.")


class UnusableRunName(Refusal):
    """A text that cannot be the name of a run, or its note. what: which of the two. reason: a clause."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"The {what} was not changed: {reason}.")


class UnknownOrder(Refusal):
    """A key by which runs cannot be ordered."""

    def __init__(self, key: str, known: Iterable[str]) -> None:
        super().__init__(f"Runs cannot be sorted by {key[:60]!r}, which no run has{nearest(key, known)}")


class RunInUse(Refusal):
    """A run that cannot be deleted. reason: a sentence on what uses it, and what to do. alone: whether no other was
    deleted before it."""

    def __init__(self, run: str, name: str, reason: str, *, alone: bool = True) -> None:
        others = "and no other was" if alone else "though those before it were"
        super().__init__(f"Run {run} ({name[:60]}) was not deleted, {others}: {reason}")


class RunLocked(Refusal):
    """A run that another process is training."""

    def __init__(self, run: str, pid: int, host: str) -> None:
        super().__init__(f"Run {run} is being trained by process {pid} on {host}. Pause it there first.")


class NoCheckpoint(Refusal):
    """A run without a usable checkpoint. damaged: the reason of each one that cannot be used, as clauses in words."""

    def __init__(self, run: str, damaged: str = "") -> None:
        super().__init__(
            f"Run {run} has no usable checkpoint: {damaged}. Bring one back from a backup, or start it again."
            if damaged
            else f"Run {run} has no usable checkpoint yet. Train it for a while, or press Save checkpoint."
        )


class CannotReproduce(Refusal):
    """A run that cannot be started again from its record. why: a clause."""

    def __init__(self, run: str, why: str) -> None:
        super().__init__(f"Run {run} cannot be reproduced: {why}. Choose another run.")


class RunComplete(Refusal):
    """A run that has reached its planned number of steps, so it needs more steps to resume."""

    def __init__(self, total_steps: int) -> None:
        super().__init__(f"The run has reached its {total_steps:,} steps. Say how many more steps to train.")


class TooFewImages(Refusal):
    """Images of which, once they are read, too few are left for a batch. fault: why. found: what was read."""

    def __init__(self, fault: str, found: str) -> None:
        super().__init__(
            " ".join(part for part in (fault, found, "Lower the batch size, or add or mend images.") if part)
        )


class OtherImages(Refusal):
    """A run whose images are not those that it was trained on.

    differences: clauses, as a list in words. how: what says that it goes on with the new ones, such as an option.
    """

    def __init__(self, run: str, differences: str, how: str = "") -> None:
        super().__init__(
            f"Run {run} was not resumed, because its images have changed since it was trained: {differences}. Bring "
            f"back the old images, or let it go on with the new ones{how and f' ({how})'}."
        )
        self._run, self._differences = run, differences

    def by(self, how: str) -> "OtherImages":
        """The same error, which also says how to go on."""
        return OtherImages(self._run, self._differences, how)


class ImagesDoNotFit(Refusal):
    """A run whose images have changed so much that its networks cannot take them. differences: as for OtherImages."""

    def __init__(self, run: str, differences: str) -> None:
        super().__init__(
            f"Run {run} cannot be resumed, because its images no longer fit its networks: {differences}. Bring the old "
            "images back, or fork the run."
        )


class ImagesNeeded(Refusal):
    """A command that needs the images of a run, which are missing. purpose: what for, e.g. "reconstruct them"."""

    def __init__(self, run: str, purpose: str, problems: Iterable[str]) -> None:
        super().__init__(
            f"To {purpose}, the images of run {run} are needed, and they cannot be used: {' '.join(problems)} Put "
            "them back, or a link to them; or name their new place in a fork: python -m pipeline train --fork "
            f"{run} --set NODE.source=PATH. Drawing new images needs none."
        )


class UnknownCheckpoint(Refusal):
    """A step at which a run has no checkpoint."""

    def __init__(self, run: str, step: int, known: Iterable[int]) -> None:
        steps = ", ".join(f"{other:,}" for other in sorted(known))
        super().__init__(f"Run {run} has no checkpoint at step {step:,}; it has checkpoints at steps {steps}.")


class BrokenCheckpoint(Fault):
    """A checkpoint whose bytes are not the saved ones."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(f"Checkpoint {folder} is damaged ({reason}); use the one before it.")
        self.reason = reason


class UnknownGrid(Refusal):
    """A step at which a run has no sample grid."""

    def __init__(self, run: str, step: int) -> None:
        super().__init__(f"Run {run} has no sample grid at step {step:,}. Choose another step on its film strip.")


class BrokenGrid(Fault):
    """A sample grid whose file cannot be read."""

    def __init__(self, step: int, reason: str) -> None:
        super().__init__(f"The sample grid of step {step:,} cannot be shown: {reason}. Choose another step.")


class UnfitWeights(Refusal):
    """A file of weights that no network of a new run can begin with. why: a clause."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(f"The run cannot start from the weights of {file[:120]}: {why}.")
