"""Evaluate the checkpoints of a stored run: draw images, describe them and real ones by features, measure, keep.

    with Evaluator(store, "latest", Asked(count=1000), progress) as evaluator:
        for step in evaluator.steps:
            evaluation = evaluator.evaluate(step)

`count` generated images are compared with as many held-out ones, or with all if there are fewer. Results are kept after
each metric, so a cancelled evaluation keeps what it has measured.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from pipeline import VERSION
from pipeline.errors.evaluation import UnknownMetrics
from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint, UnknownCheckpoint
from pipeline.evaluation.features.choose import choose
from pipeline.evaluation.features.signature import Features
from pipeline.evaluation.generated import checkpoint_hash, generated_images, with_own_networks
from pipeline.evaluation.measuring import applies, measured
from pipeline.evaluation.progress import EvaluationProgress, Meter, no_evaluation_progress
from pipeline.evaluation.real_sets import RealSets, real_sets
from pipeline.evaluation.seen_images import real_images_seen
from pipeline.families.sampling_options import Setting
from pipeline.formatting import counted, whole
from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Metric, Sets
from pipeline.runs import evaluations
from pipeline.runs.evaluations import Evaluation, Way
from pipeline.runs.store import Store
from pipeline.sampling.loading import LARGEST_SEED, loaded
from pipeline.training.condition import UNCONDITIONAL
from pipeline.training.state import Weights

COUNT = 1000
FEW = 100
"""Held-out images below which the numbers say little: a share of them moves in steps of more than a percent."""
LEAST, MOST = 10, 50_000
"""Limits of the number of generated images."""


@dataclass(frozen=True)
class Asked:
    """How checkpoints are evaluated.

    steps: of the checkpoints; () for the newest. every_step: all that are kept, instead. metrics: names; () for the
    default ones. count: generated images. data: "" for the run's own set, or the name or path of another. features:
    "auto", or a name or path that `choose` knows.
    """

    steps: tuple[int, ...] = ()
    every_step: bool = False
    weights: Weights = "ema"
    metrics: tuple[str, ...] = ()
    count: int = COUNT
    seed: int = 0
    data: str = ""
    features: str = "auto"
    settings: Mapping[str, Setting] = field(default_factory=dict)
    device: str = "cpu"

    def require_sound(self) -> None:
        """Raises UnusableValue, UnknownMetrics."""
        if not LEAST <= self.count <= MOST:
            raise UnusableValue(
                f"{whole(self.count)} images cannot be evaluated: choose a number from {LEAST:,} to {MOST:,}."
            )
        if not 0 <= self.seed <= LARGEST_SEED:
            raise UnusableValue(
                f"{whole(self.seed)} is not a valid seed: choose a whole number from 0 to {LARGEST_SEED:,}."
            )
        if unknown := [name for name in self.metrics if name not in METRICS]:
            raise UnknownMetrics(unknown, list(METRICS))


class Evaluator:
    """Evaluates checkpoints of one run in one way.

    run: its id. steps: of the checkpoints to evaluate, in order.
    """

    def __init__(
        self, store: Store, run: str, asked: Asked, progress: EvaluationProgress = no_evaluation_progress
    ) -> None:
        """Read the real images, and describe them. Raises UnusableValue, UnknownMetrics, UnknownRun, NoCheckpoint,
        UnknownCheckpoint, NothingHeldOut, UnfitSet, ImagesNeeded, UnusableSource, what `choose` and `progress` raise.
        """
        asked.require_sound()
        record = store.resolve(run)
        self.run = record.id
        self._store, self._asked = store, asked
        self._files = store.files(record.id)
        self.steps = _steps(record.id, [step for step, _ in self._files.checkpoints()], asked)
        self._meter = Meter(progress)
        self._share = 0.8 / len(self.steps)
        progress("Opening the images", 0.0)
        self.real: RealSets = real_sets(store, record, asked.data, self._meter.part(0.05))
        self.features: Features = choose(
            asked.features, self.real.images, store.home, asked.device, self._meter.part(0.05)
        )
        self._training, held_out = real_images_seen(self.real, self.features, store.home, self._meter.part(0.1))
        # Drawn by the seed, so that a set that is sorted by class gives every class.
        drawn = np.random.default_rng([asked.seed, 2]).permutation(len(held_out))[: asked.count]
        self._drawn = np.sort(drawn)
        self._held_out = held_out.take(self._drawn)

    @property
    def way(self) -> Way:
        """How the checkpoints are measured."""
        asked, real, features = self._asked, self.real, self.features
        return Way(
            asked.weights, asked.seed, asked.count, real.name, real.content, features.name, features.digest,
            features.resize, features.accuracy, dict(asked.settings),
        )  # fmt: skip

    def evaluate(self, step: int, told: Callable[[Evaluation], object] = lambda evaluation: None) -> Evaluation:
        """Evaluate the checkpoint of a step. What was measured before in the same way is not measured again.

        told: called after each metric. Raises BrokenCheckpoint, NodeFailure, UnknownRun if the run was deleted
        meanwhile, CannotWrite, what `progress` raised.
        """
        found = self._known(step)
        sets, remarks = self._sets(step)
        found = replace(found, remarks=(*self._remarks(), *remarks))
        wanted = [metric for metric in self._metrics(sets) if metric.name not in found.results]
        report = self._meter.part(self._share / 2)
        for number, metric in enumerate(wanted):
            report(f"Measuring: {metric.title}", number, len(wanted))
            found = found.with_results({metric.name: measured(metric, sets)}, time.time())
            evaluations.save(self._files, found)
            told(found)
        return found

    def sets(self, step: int) -> Sets:
        """What metrics compare at this step."""
        return self._sets(step)[0]

    def _metrics(self, sets: Sets) -> list[Metric]:
        """Those that were asked for, or the default ones for which the run has what they need."""
        if self._asked.metrics:
            return [METRICS[name] for name in self._asked.metrics]
        return [metric for metric in METRICS.values() if metric.default and applies(metric, sets)]

    def _known(self, step: int) -> Evaluation:
        """The evaluation of this step in this way so far."""
        checkpoint = checkpoint_hash(self._files, step)
        known = evaluations.load(self._files, step, self.way)
        if known is not None and known.checkpoint == checkpoint:
            return known
        return Evaluation(
            self.run, step, self.way, len(self._held_out), len(self._training), self.real.own, {},
            checkpoint=checkpoint, version=VERSION,
        )  # fmt: skip

    def _sets(self, step: int) -> tuple[Sets, tuple[str, ...]]:
        asked = self._asked
        with loaded(
            self._store, self.run, seed=asked.seed, step=step, weights=asked.weights, condition=UNCONDITIONAL,
            settings=asked.settings, device=asked.device, every_network=True, threads=1,
        ) as found:  # fmt: skip
            report = self._meter.part(self._share / 2)
            generated = generated_images(found, self.features, asked.count, self._files, asked.weights, report)
            training, held_out = self._training, self._held_out
            if self.real.own:
                report("Scoring and encoding real images", asked.count, asked.count)
                training, held_out = with_own_networks(found, training), with_own_networks(found, held_out)
            scores = found.experiment.scores
            sets = Sets(
                generated, held_out, training, self.features.class_names, seed=asked.seed, trained=self.real.own,
                probability=scores is not None and scores.probability,
            )  # fmt: skip
            return sets, found.remarks

    def _remarks(self) -> tuple[str, ...]:
        there, wanted = self.real.held_out.count, self._asked.count
        remarks = []
        if wanted > there:
            remarks.append(
                f"{counted(wanted, 'generated image')} {'is' if wanted == 1 else 'are'} compared with "
                f"{counted(there, 'held-out image')}, which is all there are."
            )
        if there < FEW:
            remarks.append(f"So few held-out images ({there:,}) say little: hold out {FEW:,} or more.")
        if self.real.train.count > len(self._training):
            remarks.append(f"Of {self.real.train.count:,} training images, {len(self._training):,} are used.")
        return tuple(remarks)


class Evaluations(NamedTuple):
    """Evaluations of one run, by step, and a sentence for each checkpoint that could not be evaluated."""

    found: tuple[Evaluation, ...]
    failures: tuple[str, ...]


def evaluate_each(evaluator: Evaluator) -> Evaluations:
    """Evaluate all its checkpoints; a damaged one does not keep the others from it.

    Raises BrokenCheckpoint if all are damaged, and what `evaluate` raises otherwise.
    """
    found, failures = [], []
    for step in evaluator.steps:
        try:
            found.append(evaluator.evaluate(step))
        except BrokenCheckpoint as error:
            if len(evaluator.steps) == 1:
                raise
            failures.append(str(error))
    return Evaluations(tuple(found), tuple(failures))


def _steps(run: str, kept: list[int], asked: Asked) -> tuple[int, ...]:
    """The steps to evaluate, in order. Raises NoCheckpoint, UnknownCheckpoint."""
    if not kept:
        raise NoCheckpoint(run)
    if asked.every_step:
        return tuple(kept)
    for step in asked.steps:
        if step not in kept:
            raise UnknownCheckpoint(run, step, kept)
    return tuple(sorted(set(asked.steps))) or (kept[-1],)
