"""Training of one's own modules on one's own images: a recorded run, which every dashboard with the same home shows.

    training = Training(images, …, template="dcgan", settings=["training.batch_size=64"])
    training.train(epochs=5)

Networks are given by their roles, as keyword arguments; what a template has beside them (objective, optimizers,
schedules, averages) stays as it is. `train` goes on where the run stands, ends on Ctrl-C or a notebook's interrupt, and
on *Pause* on the dashboard, and leaves the run saved. The weights are then in the modules that were given.
"""

import signal
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from pipeline.api.images import Given, read
from pipeline.api.isolation import Apart
from pipeline.api.pictures import captioned
from pipeline.api.resuming import prepare_again
from pipeline.api.template import Prepared, open_workflow, prepare
from pipeline.data.images import to_array, to_pixels
from pipeline.data.progress import ReadProgress
from pipeline.engine import launching
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.foreground_run import MOST_STEPS, drive, steps_of_epochs, user_name
from pipeline.engine.reading_line import ReadingLine
from pipeline.engine.stop_signals import Stop
from pipeline.errors.base import Refusal
from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import RunComplete
from pipeline.errors.training import StoppedTraining
from pipeline.formatting import number
from pipeline.graph.workflow import Workflow
from pipeline.runs.home import home
from pipeline.runs.store import Store
from pipeline.training.condition import of_class, require
from pipeline.training.inference import at_rest
from pipeline.training.sampler import Latents, drawn
from pipeline.training.state import Weights

Begin = Callable[[Store, ReadProgress], tuple[Prepared, ActiveRun]]


class Training:
    """A run that this process owns until `close`, or until the process ends.

    run: its id. It is made, saved at step 0, and on Home as soon as this returns.
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
        """images: a tensor, a Dataset, or a DataLoader, whose dataset is taken (`pipeline/api/images.py` says how).

        template: the name of a template, a workflow's file, or a Workflow. settings: "NODE.PARAMETER=VALUE" each, as
        --set on the command line. held_out: the share of the images that training never sees. who: signs what is done;
        the user's name where none is given. modules: by role; each is tried on a batch, which changes nothing about it.

        Raises UnfitImages, UnfitModule and other refusals before anything is recorded, all with what to do.
        """

        def begin(store: Store, progress: ReadProgress) -> tuple[Prepared, ActiveRun]:
            workflow = open_workflow(template)
            sets = read(images, held_out, progress, _say)
            prepared = prepare(workflow, sets, images, modules, settings, name)
            return prepared, launching.start(store, prepared.workflow, self._who, progress, prepared.given)

        self._begin(begin, modules, who)

    @classmethod
    def resume(cls, run: str, images: Given, held_out: float = 0.1, who: str = "", **modules: nn.Module) -> "Training":
        """Takes a run up from its last checkpoint; the modules get the weights that it has.

        run: its id, or "latest". images, held_out, modules: as they were when the run was made. Raises UnknownRun,
        RunLocked, UnfitImages, UnfitModule and NoCheckpoint with the run as it was.
        """

        def begin(store: Store, progress: ReadProgress) -> tuple[Prepared, ActiveRun]:
            record = store.resolve(run)
            sets = read(images, held_out, progress, _say)
            prepared = prepare_again(store, record, sets, images, modules)
            taken = launching.resume(store, record.id, prepared.workflow, training._who, progress, prepared.given)
            return prepared, taken

        training = cls.__new__(cls)
        training._begin(begin, modules, who)
        training._copy_weights_back()
        return training

    def _begin(self, begin: Begin, modules: dict[str, nn.Module], who: str) -> None:
        self._who = who or user_name()
        self._apart = Apart()
        self._modules = modules
        store = Store(home())
        try:
            with self._apart.inside(), Stop() as stop:
                self._prepared, self._run = begin(store, ReadingLine(sys.stderr, stop))
        except BaseException:
            store.close()
            raise
        self.run: str = self._run.id
        # Also at the end of the process, and where the last name for it is gone: nobody else could take the run up.
        self._let_go = weakref.finalize(self, _let_go, self._run, store)
        if stop.asked():
            self.close()
            raise KeyboardInterrupt if stop.number == signal.SIGINT else SystemExit(stop.exit_code)

    @property
    def step(self) -> int:
        """Finished steps."""
        return self._run.step

    @property
    def metrics(self) -> dict[str, float]:
        """Those of the last step, by name."""
        return dict(self._run.metrics)

    def train(self, steps: int | None = None, epochs: int | None = None) -> None:
        """Trains so many steps, or passes over the training images; to the planned end where neither is given.

        Afterwards the run is paused and saved, and the weights are in the modules that were given, each on the device
        that it is on. Raises StoppedTraining where a loss became NaN, with the run at its last sound step; NodeFailure
        and other faults with the run recorded as failed and let go of; RunComplete.
        """
        for given, what in ((steps, "steps"), (epochs, "epochs")):
            if given is not None and not 1 <= given <= MOST_STEPS:
                raise UnusableValue(f"{given:,} {what} cannot be trained: ask for 1 or more.")
        if steps is not None and epochs is not None:
            raise UnusableValue("Say how far to train in steps or in epochs, not in both.")
        run = self._held()
        if epochs is not None:
            steps = steps_of_epochs(run.record, epochs)
        if steps is None and run.step >= run.total_steps:
            raise RunComplete(run.total_steps)
        with Stop() as stop:
            try:
                with self._apart.inside():
                    driven = drive(run, steps, stop, self._who)
            except StoppedTraining:
                self._copy_weights_back()
                raise
            except BaseException:
                # A step may be half done: the run can be taken up where it was saved last.
                self.close()
                raise
            self._copy_weights_back()
        if driven.told and stop.number != signal.SIGINT:
            self.close()
            raise SystemExit(stop.exit_code)
        if driven.told:
            _say(f"Interrupted: run {run.id} is paused at step {run.step:,}, and saved. train() goes on.")

    def view(self) -> Image.Image:
        """The newest sample grid, as a picture."""
        samples = self._held().looks.samples
        if not samples:
            raise Refusal("This run draws no samples: its workflow has no node for a sample grid.")
        return Image.open(BytesIO(samples))

    def view_classified(self, count: int = 16, seed: int = 0, label: int | None = None) -> Image.Image:
        """New images, each with the score that the run gives it below it. label: the class that they are to be of.

        Raises Refusal for a run in which nothing scores images.
        """
        run = self._held()
        experiment = run.trainer.experiment
        scores = experiment.scores
        if scores is None:
            raise Refusal(f"Nothing scores images in a run of this family ({self._family}): view() shows its samples.")
        networks = run.trainer.state.networks_of("ema")
        with self._looking(), at_rest(*networks.values()):
            latents = self._latents(count, seed, label)
            made = experiment.sampler.images(networks, latents)
            found = scores.shown(scores.of(networks, made, latents.labels)).flatten().tolist()
        return captioned(to_array(to_pixels(made)), [number(score) for score in found])

    def generate(
        self, count: int, seed: int = 0, weights: Weights = "ema", label: int | None = None
    ) -> NDArray[np.uint8]:
        """(count, H, W, C) uint8: new images; image i of a seed is the same for every count.

        weights: "ema" for averaged ones, which are the raw ones where no average is kept. label: as of view_classified.
        """
        trainer = self._held().trainer
        with self._looking():
            latents = self._latents(count, seed, label)
            return drawn(trainer.experiment.sampler, trainer.state.networks_of(weights), latents)

    def close(self) -> None:
        """Lets go of the run, which is saved: from now on others can take it up, and this object cannot."""
        self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Training {self.run} at step {self.step:,}>"

    @property
    def _family(self) -> str:
        return self._prepared.workflow.training.family.title

    def _held(self) -> ActiveRun:
        if not self._let_go.alive:
            raise Refusal(f"This training was closed. Training.resume({self.run!r}, images, …) takes its run up again.")
        return self._run

    @contextmanager
    def _looking(self) -> Iterator[None]:
        experiment = self._run.trainer.experiment
        with torch.no_grad(), self._apart.inside(), self._run.trainer.blamed(experiment.node, "draw its images"):
            yield

    def _latents(self, count: int, seed: int, label: int | None) -> Latents:
        if count < 1 or seed < 0:
            raise UnusableValue(
                f"{count:,} images of seed {seed} cannot be drawn: ask for 1 or more, of a seed from 0 on."
            )
        condition = of_class(label)
        require(condition, self._prepared.workflow.training.conditions)
        return self._run.trainer.experiment.sampler.latents(count, seed, condition)

    @torch.no_grad()
    def _copy_weights_back(self) -> None:
        """The trained weights, not the averaged ones, into the modules that were given."""
        for role, node_id in self._prepared.networks.items():
            trained = self._run.trainer.state.networks[role]
            # At rest, where asking for a weight that is normalized changes nothing.
            with at_rest(trained):
                for name, tensor in self._prepared.given[node_id].state_dict().items():
                    tensor.copy_(attrgetter(name)(trained))


def _let_go(run: ActiveRun, store: Store) -> None:
    run.close()
    store.close()


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
