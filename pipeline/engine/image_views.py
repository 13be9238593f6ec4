"""Views of evaluated images: computed in the thread of the evaluations, one after another, and kept for a while."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any, Generic, NamedTuple, TypeVar

from pipeline.data.progress import ReadProgress
from pipeline.engine.evaluation_queue import WAITING
from pipeline.engine.giving_way import GivingWay
from pipeline.errors.data import ReadingStopped
from pipeline.evaluation.evaluate import Asked, Evaluator
from pipeline.evaluation.generated import checkpoint_hash
from pipeline.metrics.signature import Sets
from pipeline.runs.store import Store
from pipeline.runtime.messages.evaluation_commands import LookAtImages

MOST_KEPT = 2
"""How many sets of images are kept, the latest ones: a user goes from view to view, and two users look at once."""
DRAWING_SHARE = 0.6
"""Share of an evaluation's progress after which its images are known."""

FactsT = TypeVar("FactsT")


class Found(NamedTuple, Generic[FactsT]):
    """The images of a view and its facts about them."""

    sets: Sets
    facts: FactsT


class ImageView(Generic[FactsT]):
    """One view that waits, is being computed, or is done; also its own progress callback."""

    def __init__(
        self, threads: ThreadPoolExecutor, run: str, way: Hashable, make: Callable[["ImageView[Any]"], Found[FactsT]]
    ) -> None:
        """way: equal for views of the same images. make: computes it, and calls it with its progress."""
        self.run, self.way = run, way
        self.doing, self.share = WAITING, 0.0
        self._stop = Event()
        self._give_way = GivingWay(self._stop)
        self._work: Future[Found[FactsT]] = threads.submit(make, self)

    def __call__(self, doing: str, share: float) -> None:
        self.doing, self.share = doing, min(1.0, share)
        self._give_way(doing, self.share)

    @property
    def done(self) -> bool:
        return self._work.done()

    @property
    def failed(self) -> bool:
        """Whether it ended without its result."""
        return self.done and (self._work.cancelled() or self._work.exception() is not None)

    def result(self) -> Found[FactsT]:
        """What it found, once it is done. Raises what its making raised, ReadingStopped if it was stopped."""
        if self._work.cancelled():
            raise ReadingStopped(WAITING, 0, 100)
        return self._work.result()

    def stop(self) -> None:
        self._stop.set()
        self._work.cancel()


class ImageViews:
    """All views of one engine. Call it only from the engine's main thread."""

    def __init__(self, home: Path, threads: ThreadPoolExecutor) -> None:
        self._home, self._threads = home, threads
        self._views: OrderedDict[Hashable, ImageView[Any]] = OrderedDict()
        self._latest: tuple[Hashable, Sets] | None = None

    @property
    def busy(self) -> bool:
        """Whether any waits or is being computed."""
        return any(not each.done for each in self._views.values())

    def ask(
        self, command: LookAtImages[Any], store: Store, find: Callable[[Sets, ReadProgress], FactsT]
    ) -> ImageView[FactsT]:
        """The view of a command, which is begun if there is none. find: the facts of a view, from its images."""
        way = _way(command, store)
        key = (command.kind, way)
        known = self._views.pop(key, None)
        if known is None or (command.again and known.failed):
            known = ImageView(self._threads, command.run, way, lambda view: self._found(view, command, find))
        self._views[key] = known
        self._forget()
        return known

    def stop(self, run: str) -> None:
        """Stop the views of a run."""
        for each in self._views.values():
            if each.run == run:
                each.stop()

    def close(self) -> None:
        """Stop all views; their thread ends with the evaluations'."""
        for each in self._views.values():
            each.stop()

    def _forget(self) -> None:
        """Forget what is done of all but the latest sets of images."""
        ways = list(dict.fromkeys(each.way for each in reversed(self._views.values())))
        for key, each in list(self._views.items()):
            if each.done and each.way in ways[MOST_KEPT:]:
                del self._views[key]

    def _found(
        self, view: ImageView[Any], command: LookAtImages[Any], find: Callable[[Sets, ReadProgress], FactsT]
    ) -> Found[FactsT]:
        """Body of the thread."""
        view("Opening the run", 0.0)
        # Only this thread reads and writes it.
        if self._latest is None or self._latest[0] != view.way:
            self._latest = None
            self._latest = view.way, self._sets(view, command)
        sets = self._latest[1]

        def comparing(doing: str, done: int, total: int) -> None:
            view(doing, DRAWING_SHARE + (1 - DRAWING_SHARE) * done / max(1, total))

        return Found(sets, find(sets, comparing))

    def _sets(self, view: ImageView[Any], command: LookAtImages[Any]) -> Sets:
        asked = Asked(
            steps=(command.step,),
            weights=command.weights,
            count=command.count,
            seed=command.seed,
            data=command.data,
            features=command.features,
            settings=command.settings,
            device=command.device,
        )
        with Store(self._home) as store:
            return Evaluator(store, command.run, asked, view).sets(command.step)


def _way(command: LookAtImages[Any], store: Store) -> Hashable:
    """Equal for commands about the same images."""
    try:
        checkpoint = checkpoint_hash(store.files(command.run), command.step)
    except OSError:
        checkpoint = ""
    how = (command.weights, command.count, command.seed, command.data, command.features)
    return (command.run, command.step, checkpoint, *how, tuple(sorted(command.settings.items())))
