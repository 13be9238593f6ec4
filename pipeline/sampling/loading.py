"""Load a stored run to draw from: its sampler and networks, without its images."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Required, TypedDict

from torch import nn

from pipeline.data.fitting import Fit
from pipeline.errors.machine import UnusableValue
from pipeline.families.family import Family
from pipeline.families.sampling_options import Setting, require_options
from pipeline.formatting import whole
from pipeline.graph.workflow import Json, Workflow
from pipeline.nodes.assemble import assemble
from pipeline.nodes.phases import untrained
from pipeline.runs.store import Store
from pipeline.sampling.checkpoints import open_run
from pipeline.training.condition import UNCONDITIONAL, ClassCondition, Condition, require
from pipeline.training.experiment import Experiment
from pipeline.training.node_errors import node_errors
from pipeline.training.sampler import Sampler
from pipeline.training.state import Weights
from pipeline.training.threads import using_threads

LARGEST_SEED = 2**63 - 1
NO_SETTINGS: Mapping[str, Setting] = {}


class How(TypedDict, total=False):
    """From which checkpoint of a run images are drawn, and how: the keywords of `loaded`."""

    seed: Required[int]
    step: int | None
    weights: Weights
    condition: Condition
    settings: Mapping[str, Setting]
    device: str


@dataclass(frozen=True)
class Loaded:
    """A stored run, ready to be drawn from."""

    experiment: Experiment
    """Built without images."""
    sampler: Sampler
    """With the settings that were asked for."""
    networks: Mapping[str, nn.Module]
    """With the weights of the checkpoint, by role: those that the sampler needs, or all that the run has."""
    run: str
    step: int
    """Step of the checkpoint."""
    seed: int
    condition: Condition
    class_names: tuple[str, ...]
    """Of a conditional run, in label order."""
    family: Family
    workflow: Workflow
    fit: Fit
    remarks: tuple[str, ...]
    """A message for each newer checkpoint that was damaged and skipped, and one if something is not trained yet."""

    def facts(self, sampler: Sampler | None = None) -> dict[str, Json]:
        """How images are drawn, for their metadata: the class, if one was asked for, and the settings of the sampler.

        sampler: the one that draws, if it is not `self.sampler`.
        """
        label = self.condition.label if isinstance(self.condition, ClassCondition) else None
        asked: dict[str, Json] = {} if label is None else {"class": self.class_names[label]}
        return asked | dict((sampler or self.sampler).settings)


@contextmanager
def loaded(
    store: Store,
    run: str,
    *,
    seed: int,
    step: int | None = None,
    weights: Weights = "ema",
    condition: Condition = UNCONDITIONAL,
    settings: Mapping[str, Setting] = NO_SETTINGS,
    device: str = "auto",
    every_network: bool = False,
    threads: int | None = None,
) -> Iterator[Loaded]:
    """Context in which a run (an id, or "latest") can be drawn from; what fails inside names its training node.

    step: step of the checkpoint to use; None for the newest undamaged one. weights: "ema" for the moving average, or
    the raw weights if none was kept. condition: what the images should show, such as a class. settings: values of the
    sampler's options in place of the run's own. every_network: load all networks of the run, not only those that the
    sampler needs. threads: of the CPU; None for the run's number, with which images are equal to the last bit.

    Raises UnusableValue for an invalid seed, condition or setting; UnknownDevice, NodeFailure; what `open_run` and
    `StoredRun.load` raise.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise UnusableValue(f"{whole(seed)} is not a valid seed: choose a whole number from 0 to {LARGEST_SEED}.")
    opened = open_run(store, run, step)
    record, training = opened.record, opened.checked.trained.training
    require(condition, training.conditions)
    require_options(settings, training.options)
    # Built without images; a sampler that starts from real images raises an error.
    experiment = assemble(opened.checked, store.home, device, record.seed, images=False)
    # As many threads as the run uses: the last bits of an image may depend on their number.
    using = using_threads(record.threads if threads is None else threads)
    with using, node_errors(experiment.node, "draw its images", experiment.titles.get(experiment.node, "")):
        sampler = experiment.sampler.with_settings(settings)
        networks = {
            role: experiment.networks[role] for role in (experiment.networks if every_network else sampler.roles)
        }
        at, skipped = opened.load(networks, weights)
        early = untrained(training.phases, at)
        yield Loaded(
            experiment, sampler, networks, record.id, at, seed, condition, training.asked, training.family,
            opened.checked.workflow, training.images.fit, (*skipped, *filter(None, [early])),
        )  # fmt: skip
