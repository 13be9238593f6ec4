"""The progress of an evaluation: its parts report what is done of each, it reports a share of the whole."""

from collections.abc import Callable

from pipeline.data.progress import ReadProgress

EvaluationProgress = Callable[[str, float], None]
"""(what is done, in words; how much of the whole, 0 to 1). It may raise ReadingStopped, which cancels the work."""


def no_evaluation_progress(doing: str, share: float) -> None:
    """Ignore progress."""


class Meter:
    """Adds up the parts of an evaluation."""

    def __init__(self, progress: EvaluationProgress) -> None:
        self._progress = progress
        self._done = 0.0

    def part(self, share: float) -> ReadProgress:
        """The progress of the next part, which is this share of the whole; the part before it is done."""
        begun = self._done
        self._done = min(1.0, begun + share)

        def report(doing: str, done: int, total: int) -> None:
            self._progress(doing, begun + share * (min(done, total) / total if total > 0 else 0))

        return report
