"""The periodic evaluation of the run being trained: its metrics at a step, their cost, and the best checkpoint.

Between two steps, images are drawn from the averaged weights and described by features, as an evaluation of a stored
run does (`pipeline/evaluation/`). Training is not changed: its random numbers and number of threads are restored.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

import numpy as np

from pipeline.data.progress import ReadProgress, no_progress
from pipeline.errors.data import ReadingStopped
from pipeline.evaluation.features.choose import choose
from pipeline.evaluation.generated import as_images, drawn, with_own_networks
from pipeline.evaluation.measuring import measured
from pipeline.evaluation.real_sets import sets_of
from pipeline.evaluation.seen_images import real_images_seen
from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Metric, Sets, Unmeasurable
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.phases import untrained
from pipeline.runs import periodic
from pipeline.runs.files import RunFiles
from pipeline.runs.periodic import Best, Periodic
from pipeline.sampling.loading import Loaded
from pipeline.training.condition import UNCONDITIONAL
from pipeline.training.inference import preserved_random_state
from pipeline.training.parts import EvaluationPart
from pipeline.training.threads import using_threads
from pipeline.training.trainer import Trainer

SEED = 0
"""Of the noise from which images are drawn, and of metrics: the same at every step, so that values can be compared."""
OF_NETWORKS = frozenset({"scores", "reconstructions"})
"""What metrics read that the networks of the run make of real images too, so that their floors change."""
MOMENT = 1.0
"""Seconds after which the progress of an evaluation is told."""


class PeriodicEvaluation:
    """Measures a trainer's current state. Made once each time that a run is loaded.

    names: of the metrics. facts: what the run keeps of it.
    """

    def __init__(
        self,
        part: EvaluationPart,
        trainer: Trainer,
        checked: CheckedWorkflow,
        files: RunFiles,
        first: int,
        progress: ReadProgress = no_progress,
    ) -> None:
        """Describe the real images by features, which are kept in the home. first: the step with which the run began.

        Raises what `choose` and `progress` raise, CannotWrite; NodeFailure for anything else.
        """
        self._part, self._trainer, self._checked, self._files = part, trainer, checked, files
        self._first = first
        self.names = part.metrics
        self._metrics = [METRICS[name] for name in part.metrics]
        experiment = trainer.experiment
        with self._aside("prepare its features"):
            real = sets_of(experiment.images, checked.report)
            device = str(experiment.settings.device)
            self._features = choose(part.features, real.images, files.home, device, progress)
            self._training, held_out = real_images_seen(real, self._features, files.home, progress)
        # Drawn by the seed, so that a set that is sorted by class gives every class.
        chosen = np.random.default_rng([SEED, 2]).permutation(len(held_out))[: part.count]
        self._held_out = held_out.take(np.sort(chosen))
        self.facts = self._known()

    def due(self, step: int) -> bool:
        """Whether the images of this step are evaluated. Those with which the run began are not."""
        return step > self._first and step % self._part.every == 0

    def steps_until_due(self, step: int) -> int:
        """The number of steps after this one until an evaluation is due, at least 1."""
        return self._part.every - step % self._part.every

    def measure(self, interrupted: Callable[[], bool]) -> Mapping[str, float]:
        """The metrics after the trainer's step, rounded to float32, as they are stored; NaN for those without a value.

        {} while the networks that make images are not trained at all. interrupted: asked on the way; if true, raises
        ReadingStopped. Raises NodeFailure, CannotWrite.
        """
        if untrained(self._checked.training.phases, self._trainer.state.step):
            return {}
        begun = time.perf_counter()
        told = _Telling(self._trainer.progress, interrupted)
        with self._aside("evaluate its images"):
            sets = self._sets(told)
            values = {}
            for number, metric in enumerate(self._metrics):
                told(f"Measuring: {metric.title}", number, len(self._metrics))
                values[metric.name] = self._value(metric, sets)
        told.end()
        seconds = self.facts.seconds + time.perf_counter() - begun
        self._keep(replace(self.facts, seconds=seconds, times=self.facts.times + 1))
        return {name: float(np.float32(value)) for name, value in values.items()}

    def keep_best(self, step: int, values: Mapping[str, float], save: Callable[[], object]) -> None:
        """Keep the checkpoint of this step if the metric by which the best is chosen was never better.

        values: the metrics after the step. save: saves its checkpoint. Raises CannotWrite.
        """
        name = self._part.keep_best
        value = values.get(name, math.nan)
        if math.isnan(value):
            return
        best = self.facts.best
        sign = 1 if METRICS[name].better == "higher" else -1
        if best is None or sign * value > sign * best.value:
            save()
            self._keep(replace(self.facts, best=Best(name, step, value)))

    @property
    def kept(self) -> tuple[int, ...]:
        """The steps whose checkpoints are kept because they were the best."""
        return (self.facts.best.step,) if self.facts.best else ()

    def _sets(self, told: ReadProgress) -> Sets:
        trainer, training = self._trainer, self._checked.training
        experiment = trainer.experiment
        loaded = Loaded(
            experiment, experiment.sampler, trainer.state.networks_of("ema"), self._files.run, trainer.state.step, SEED,
            UNCONDITIONAL, training.asked, training.family, self._checked.workflow, training.images.fit, (),
        )  # fmt: skip
        generated = as_images(drawn(loaded, self._features, self._part.count, told))
        known, held_out = self._training, self._held_out
        if any(metric.needs & OF_NETWORKS for metric in self._metrics):
            known, held_out = with_own_networks(loaded, known), with_own_networks(loaded, held_out)
        probability = experiment.scores is not None and experiment.scores.probability
        names = self._features.class_names
        return Sets(generated, held_out, known, names, seed=SEED, probability=probability)

    def _value(self, metric: Metric, sets: Sets) -> float:
        """The value, NaN for none. The floor, which takes as long, is measured only once if it never changes."""
        name, facts = metric.name, self.facts
        if name in facts.floors and not metric.needs & OF_NETWORKS:
            try:
                return metric.of(sets).value
            except Unmeasurable as error:
                self.facts = replace(facts, reasons={**facts.reasons, name: str(error)})
                return math.nan
        found = measured(metric, sets)
        if found.floor is not None:
            facts = replace(facts, floors={**facts.floors, name: found.floor})
        if found.value is None:
            facts = replace(facts, reasons={**facts.reasons, name: found.reason})
        self.facts = facts
        return math.nan if found.value is None else found.value

    def _known(self) -> Periodic:
        """What the run has kept, as far as it still holds."""
        features = self._features
        now = f"{features.name} ({features.digest}, {features.resize})"
        facts = periodic.load(self._files) or Periodic(begun=self._trainer.state.seconds)
        if facts.features != now:
            facts = replace(facts, features=now, floors={}, reasons={})
        kept = [step for step, _ in self._files.checkpoints() if step <= self._trainer.state.step]
        best = facts.best if facts.best and facts.best.step in kept else None
        return replace(facts, generated=self._part.count, held_out=len(self._held_out), best=best)

    def _keep(self, facts: Periodic) -> None:
        self.facts = facts
        periodic.save(self._files, facts)

    @contextmanager
    def _aside(self, doing: str) -> Iterator[None]:
        """Context that leaves training as it was: random numbers, number of threads."""
        trainer = self._trainer
        networks = trainer.state.networks.values()
        with trainer.blamed(self._part.node, doing), using_threads(None), preserved_random_state(*networks):
            yield


class _Telling:
    """The progress of an evaluation, told once it takes longer than a moment."""

    def __init__(self, tell: ReadProgress, interrupted: Callable[[], bool]) -> None:
        self._tell = tell
        self._interrupted = interrupted
        self._from = time.monotonic() + MOMENT
        self._told = False

    def __call__(self, doing: str, done: int, total: int) -> None:
        if self._interrupted():
            raise ReadingStopped(doing, done, total)
        if time.monotonic() >= self._from:
            self._told = True
            # What else may want to stop training can wait until the evaluation has ended.
            with suppress(ReadingStopped):
                self._tell(doing, done, total)

    def end(self) -> None:
        """Say that it has ended, if it was told at all."""
        if self._told:
            with suppress(ReadingStopped):
                self._tell("Evaluated images", 1, 1)
