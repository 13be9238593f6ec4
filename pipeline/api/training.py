"""Train your own modules on your own images, as a recorded run that every dashboard with the same home shows.

    training = Training(images, …, template="dcgan", settings=["training.batch_size=64"])
    training.train(epochs=5)

Pass networks as keyword arguments named by their roles; the rest of the template (objective, optimizers, schedules,
averages) is kept. `train` continues from the run's current step, stops on Ctrl-C, a notebook's interrupt or *Pause* on
the dashboard, and leaves the run saved and the trained weights in the given modules.
"""

import signal
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from math import isnan
from operator import attrgetter
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from pipeline.api.images import Given, read
from pipeline.api.isolation import Isolation
from pipeline.api.pictures import captioned
from pipeline.api.resuming import prepare_resume, resume_prepared
from pipeline.api.template import Prepared, open_workflow, prepare
from pipeline.data.findings import Findings
from pipeline.data.images import to_array, to_pixels
from pipeline.data.progress import ReadProgress
from pipeline.engine import launching
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.foreground_run import MOST_STEPS, drive, say_images, steps_in_epochs, user_name
from pipeline.engine.live_changes import set_each
from pipeline.engine.plan_end import require_moving
from pipeline.engine.stop_signals import Stop
from pipeline.engine.terminal_line import ReadingLine
from pipeline.errors.base import Refusal
from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import RunComplete
from pipeline.errors.training import RunPaused, TrainingStopped
from pipeline.formatting import number, visible, whole
from pipeline.graph.workflow import Workflow
from pipeline.nodes.live_settings import live_settings
from pipeline.runs.home import home
from pipeline.runs.store import Store
from pipeline.training.condition import of_class, require
from pipeline.training.inference import eval_mode
from pipeline.training.sampler import Latents, draw_images, image_batches
from pipeline.training.state import Weights

Begin = Callable[[Store, ReadProgress], tuple[Prepared, ActiveRun]]


class Training:
    """A run that this process owns until `close`, or until the process ends.

    run: its id. Once the constructor returns, the run is saved at step 0 and listed on Home.
    """

    def __init__(
        self,
        images: Given,
        template: str | Path | Workflow = "dcgan",
        settings: Sequence[str] = (),
        name: str = "",
        held_out: float = 0.1,
        who: str = "",
        **modules: nn.Module,
    ) -> None:
        """Start a run.

        images: a tensor, a Dataset, or a DataLoader, of which only the dataset is used; see `pipeline/api/images.py`.
        template: the name of a template, the path of a workflow file, or a Workflow.
        settings: each "NODE.PARAMETER=VALUE", as --set on the command line.
        name: the name of the run (default: the workflow's name).
        held_out: the share of each class that training never sees.
        who: recorded as the author of commands (default: the name of the system user).
        modules: networks, by role. Each is tried on one batch, which does not change it.

        Raises UnfitImages, UnfitModule and other refusals before anything is recorded; each message says what to do.
        """

        def begin(store: Store, progress: ReadProgress) -> tuple[Prepared, ActiveRun]:
            workflow = open_workflow(template)
            sets = read(images, held_out, progress, _say)
            prepared = prepare(workflow, sets, images, modules, settings, name)
            return prepared, launching.start(store, prepared.workflow, self._who, progress, prepared.given)

        self._begin(begin, modules, who)

    @classmethod
    def resume(
        cls,
        run: str,
        images: Given,
        held_out: float = 0.1,
        who: str = "",
        accept_data: bool = False,
        settings: Sequence[str] = (),
        **modules: nn.Module,
    ) -> "Training":
        """Resume a run from its last checkpoint, whose weights are copied into the modules.

        run: its id, or "latest". images, held_out, modules: the same as when the run was created. accept_data: go on
        with other images of the same shape, recorded as an event. settings: new values of live parameters, each
        "NODE.PARAMETER=VALUE". Raises UnknownRun, RunLocked, UnfitImages, OtherImages, UnfitModule, NoCheckpoint, and
        NotLive, InvalidValue and the like for a setting, and then leaves the run unchanged.
        """

        def begin(store: Store, progress: ReadProgress) -> tuple[Prepared, ActiveRun]:
            record = store.resolve(run)
            sets = read(images, held_out, progress, _say)
            prepared = prepare_resume(store, record, sets, images, modules, accept_data=accept_data)
            changes = live_settings(prepared.workflow, settings)
            active_run = resume_prepared(store, record.id, prepared, training._who, progress, accept_data=accept_data)
            set_each(active_run, changes, training._who)
            return prepared, active_run

        training = cls.__new__(cls)
        training._begin(begin, modules, who)
        training._copy_weights_back()
        return training

    def _begin(self, begin: Begin, modules: dict[str, nn.Module], who: str) -> None:
        self._who = who or user_name()
        self._apart = Isolation()
        self._modules = modules
        store = Store(home())
        try:
            with self._apart.inside(), Stop() as stop:
                self._prepared, self._run = begin(store, ReadingLine(sys.stderr, stop))
        except BaseException:
            store.close()
            raise
        self.run: str = self._run.id
        say_images(self._run)
        # Also runs at process exit and on garbage collection; otherwise nothing else could resume the run.
        self._let_go = weakref.finalize(self, _let_go, self._run, store)
        if stop.asked():
            self.close()
            raise KeyboardInterrupt if stop.number == signal.SIGINT else SystemExit(stop.exit_code)

    @property
    def step(self) -> int:
        """Number of finished steps."""
        return self._run.step

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics of the last step, by name, and the newest measurements; without those that have no number."""
        return {name: value for name, value in self._run.metrics.items() if not isnan(value)}

    @property
    def findings(self) -> Findings:
        """What was found when the images were read: `findings.line` says it in words."""
        found = self._held().trainer.experiment.images.findings
        assert found is not None, "images from Python are always described"
        return found

    def train(self, steps: int | None = None, epochs: int | None = None) -> None:
        """Train `steps` more steps or `epochs` more passes over the training images (default: to the planned end).

        Afterwards the run is paused and saved, and the trained weights are in the given modules, each still on its own
        device. Raises RunComplete if the planned end is already reached; PlanEnded if every learning rate is 0 by
        its schedule from now on; TrainingStopped if a loss became NaN, with the run at its last step before that;
        RunPaused if the home cannot be written, after which it can be called again;
        NodeFailure and other faults, after which the run is recorded as failed and closed.
        """
        for amount, what in ((steps, "steps"), (epochs, "epochs")):
            if amount is not None and not 1 <= amount <= MOST_STEPS:
                raise UnusableValue(f"Cannot train {whole(amount)} {what}: give a number from 1 to {MOST_STEPS:,}.")
        if steps is not None and epochs is not None:
            raise UnusableValue("Give either steps or epochs, not both.")
        run = self._held()
        if epochs is not None:
            steps = steps_in_epochs(run.record, epochs)
        if steps is None and run.step >= run.total_steps and not run.unfinished:
            raise RunComplete(run.total_steps)
        require_moving(run)
        with Stop() as stop:
            try:
                with self._apart.inside():
                    driven = drive(run, steps, stop, self._who, then="Call train() again then: nothing is lost.")
            except (TrainingStopped, RunPaused):
                self._copy_weights_back()
                raise
            except BaseException:
                # A step may be half done. The run can be resumed from its last checkpoint.
                self.close()
                raise
            self._copy_weights_back()
        if driven.told and stop.number != signal.SIGINT:
            self.close()
            raise SystemExit(stop.exit_code)
        if driven.told:
            _say(f"Interrupted: run {run.id} is paused at step {run.step:,} and saved. Call train() to continue.")

    def view(self) -> Image.Image:
        """Return the newest sample grid. Raises Refusal if the workflow has no sample grid."""
        samples = self._held().pictures.samples
        if not samples:
            raise Refusal("This run draws no samples: its workflow has no sample grid node.")
        return Image.open(BytesIO(samples))

    def view_classified(self, count: int = 16, seed: int = 0, label: int | None = None) -> Image.Image:
        """Return a grid of new images, each captioned with its score from the run's scoring network.

        label: draw only this class. Raises Refusal if nothing in the run scores images.
        """
        run = self._held()
        experiment = run.trainer.experiment
        scores = experiment.scores
        if scores is None:
            raise Refusal(
                f"Runs of this family ({self._family}) have no network that scores images. Use view() for its samples."
            )
        networks = run.trainer.state.networks_of("ema")
        with self._looking(), eval_mode(*networks.values()):
            latents = self._latents(count, seed, label)
            made = torch.cat(list(image_batches(experiment.sampler, networks, latents)))
            found = scores.shown(scores.of(networks, made, latents.labels)).flatten().tolist()
        return captioned(to_array(to_pixels(made, experiment.sampler.value_range)), [number(score) for score in found])

    def generate(
        self, count: int, seed: int = 0, weights: Weights = "ema", label: int | None = None
    ) -> NDArray[np.uint8]:
        """Return new images (count, H, W, C) as uint8. Image i of a seed does not depend on `count`.

        weights: "ema" for averaged weights (the raw ones if the run keeps no average), or "raw". label: draw only this
        class.
        """
        trainer = self._held().trainer
        with self._looking():
            latents = self._latents(count, seed, label)
            return draw_images(trainer.experiment.sampler, trainer.state.networks_of(weights), latents)

    def close(self) -> None:
        """Release the run, which stays saved. Other processes can then resume it; this object can no longer be used."""
        self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Training {self.run} at step {self.step:,}>"

    @property
    def _family(self) -> str:
        return self._prepared.workflow.training.family.title

    def _held(self) -> ActiveRun:
        if not self._let_go.alive:
            raise Refusal(f"This training is closed. Resume its run with Training.resume({self.run!r}, images, …).")
        return self._run

    @contextmanager
    def _looking(self) -> Iterator[None]:
        experiment = self._run.trainer.experiment
        with torch.no_grad(), self._apart.inside(), self._run.trainer.blamed(experiment.node, "draw its images"):
            yield

    def _latents(self, count: int, seed: int, label: int | None) -> Latents:
        if count < 1 or seed < 0:
            raise UnusableValue(
                f"Cannot draw {whole(count)} images with seed {whole(seed)}: count must be 1 or more, seed 0 or more."
            )
        condition = of_class(label)
        require(condition, self._prepared.workflow.training.conditions)
        return self._run.trainer.experiment.sampler.latents(count, seed, condition)

    @torch.no_grad()
    def _copy_weights_back(self) -> None:
        """Copy the trained weights, not the averaged ones, into the given modules."""
        for role, node_id in self._prepared.networks.items():
            trained = self._run.trainer.state.networks[role]
            # In eval mode, where reading a spectrally normalized weight does not update its state.
            with eval_mode(trained):
                for name, tensor in self._prepared.given[node_id].state_dict().items():
                    tensor.copy_(attrgetter(name)(trained))


def _let_go(run: ActiveRun, store: Store) -> None:
    run.close()
    store.close()


def _say(sentence: str) -> None:
    sys.stderr.write(f"{visible(sentence)}\n")
    sys.stderr.flush()
