"""The sample grids, checkups, real images and layer probes of a run."""

from collections.abc import Mapping

import numpy as np

from pipeline import VERSION
from pipeline.data.images import to_array, to_pixels
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.inspection.checkup import SampleCheckup
from pipeline.inspection.probes import probed_step
from pipeline.runs import probes
from pipeline.runs.files import RunFiles
from pipeline.runs.probe_records import Probe
from pipeline.sampling.grid import grid_png
from pipeline.training.inference import preserved_random_state
from pipeline.training.parts import SamplesPart
from pipeline.training.sampler import Sampler
from pipeline.training.step_metrics import Slice
from pipeline.training.trainer import Trainer

REALS = 64
"""Number of real images shown for a run without a sample grid."""


class RunPictures:
    """The pictures and measurements of one run, made between two steps.

    every: steps between sample grids, 0 for none. samples: a PNG grid. samples_step: its step.
    checkup: names of the series that the checkup measures. probes: steps between probes, 0 for none. probe_share: the
    share of time spent on probes since they were enabled.
    """

    def __init__(self, trainer: Trainer, workflow: Workflow, files: RunFiles) -> None:
        self._trainer = trainer
        self._workflow = workflow
        self._files = files
        grid = trainer.experiment.samples
        with trainer.blamed(trainer.experiment.node, "prepare its checkup"):
            self._checkup = SampleCheckup(trainer.experiment) if grid else None
        self.checkup = self._checkup.names if self._checkup else ()
        self.every = grid.every if grid else 0
        self._reals: dict[Sampler, bytes] = {}
        self._drawn_by = trainer.sampler
        self.samples = b""
        self.samples_step = 0
        self.probes = 0
        self.probe_share = 0.0
        self._unsaved: Probe | None = None

    @property
    def reals(self) -> bytes:
        """PNG of real images: those that the newest sample grid is made from, if it is made from some."""
        sampler, grid = self._drawn_by, self._trainer.experiment.samples
        if sampler not in self._reals:
            self._reals[sampler] = _real_grid(self._trainer, sampler, grid.count if grid else REALS)
        return self._reals[sampler]

    def steps_until_due(self) -> int | None:
        """The number of steps until a grid or probe is due; 0 if the next step is probed; None if nothing is due."""
        step = self._trainer.state.step
        due = [self.every - step % self.every] if self.every else []
        if self.probes:
            due.append(self.probes - 1 - step % self.probes)
        return min(due, default=None)

    def grid_due(self, step: int) -> bool:
        """Whether a grid is drawn and measured after this step."""
        return self.every > 0 and step % self.every == 0

    def draw(self, *, keep: bool, measure: bool) -> Mapping[str, float]:
        """Draw a new grid. keep: save it as a file of the run. measure: return its checkup's measurements, rounded to
        float32, as they are stored. Raises NodeFailure, CannotWrite."""
        grid = self._trainer.experiment.samples
        if grid is None:
            return {}
        with self._trainer.blamed(grid.node, "draw its images"):
            return self._draw(grid, keep, measure)

    def _draw(self, grid: SamplesPart, keep: bool, measure: bool) -> Mapping[str, float]:
        step = self._trainer.state.step
        images = self._trainer.draw(grid.count, grid.seed)
        measured: Mapping[str, float] = {}
        texts = document.png_texts(self._workflow, self._files.run, step, grid.seed, VERSION)
        self.samples, self.samples_step, self._drawn_by = grid_png(images, texts=texts), step, self._trainer.sampler
        if self._checkup is not None and measure:
            with self._trainer.blamed(self._trainer.experiment.node, "measure its checkup"):
                measured = self._checkup.measure(self._trainer, images)
        if keep:
            self._files.save_grid(step, self.samples)
        return {name: float(np.float32(value)) for name, value in measured.items()}

    def set_probes(self, every: int) -> None:
        """Probe all layers every `every` steps from now on; 0 for never."""
        self.probes = every
        self.probe_share = 0.0
        self._probing_since = self._trainer.state.seconds
        self._probe_seconds = 0.0

    def probed_step(self) -> Slice:
        """Train one step and probe all layers, for `save_probe`; do nothing if preparing the step was stopped. Raises
        NodeFailure, NotFinite."""
        if not self._trainer.prepare():
            return self._trainer.read()
        done, probe = probed_step(self._trainer)
        self._unsaved = probe
        self._probe_seconds += probe.seconds
        spent = self._trainer.state.seconds - self._probing_since
        self.probe_share = self._probe_seconds / (spent + self._probe_seconds)
        return done

    def save_probe(self) -> None:
        """Save what the last probed step measured, if that is not saved yet. Raises CannotWrite."""
        if self._unsaved is not None:
            probes.save(self._files, self._unsaved)
            self._unsaved = None


def _real_grid(trainer: Trainer, sampler: Sampler, count: int) -> bytes:
    """The first training images (sources are shuffled), or the real images from which the samples are made."""
    with trainer.blamed(trainer.experiment.node, "show its real images"), preserved_random_state():
        originals = sampler.originals(count)
    real = trainer.experiment.images
    if originals is None:
        return grid_png(to_array(next(real.train.parts(count))))
    return grid_png(to_array(to_pixels(originals, real.values)))
