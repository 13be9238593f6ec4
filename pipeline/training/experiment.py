"""The Experiment: the built parts of a run, ready to be trained.

`pipeline/nodes/` builds it from a workflow. The Trainer that takes it is independent of graphs and model families.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

import torch
from torch import nn

from pipeline.data.findings import Findings
from pipeline.models.unlike_one_process import statistics_by_share
from pipeline.models.whole_batch import see_whole_batches
from pipeline.ranks.drawing import BatchRandom
from pipeline.training.checkup import Checkup
from pipeline.training.coding import Coding
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.parts import EvaluationPart, LogPart, RealImages, SamplesPart
from pipeline.training.sampler import Sampler
from pipeline.training.scores import Scores
from pipeline.training.settings import Settings
from pipeline.training.stages import Update
from pipeline.training.state import TrainState


@dataclass(frozen=True)
class Experiment:
    """All parts of one run."""

    node: str
    """Id of the training node."""
    images: RealImages
    """The real images to learn from."""
    networks: Mapping[str, nn.Module]
    """Role -> untrained network."""
    nodes: Mapping[str, str]
    """Role -> id of the network's node."""
    averaged: tuple[str, ...]
    """Roles whose weights may have an exponential moving average."""
    optimizers: Mapping[str, OptimizerPart]
    """Role -> how its network is updated."""
    updates: tuple[Update, ...]
    """The updates of one step, in order."""
    series: tuple[str, ...]
    """Names of the metrics that the updates compute, in chart order."""
    sampler: Sampler
    """How images are generated."""
    settings: Settings
    """The settings of the training node."""
    checkup: Checkup
    """The family's measurements with every sample grid."""
    grid: Sampler | None = None
    """The sampler of the sample grid, if it differs from `sampler`."""
    scores: Scores | None = None
    """How images are scored, in families that score images."""
    coding: Coding | None = None
    """How images are encoded and decoded, in families that have codes."""
    frozen: tuple[str, ...] = ()
    """Roles of networks that come trained, and are not changed; a fork takes their weights from its own workflow."""
    live: Mapping[str, float] = field(default_factory=dict)
    """Initial values of the live parameters, by "node.parameter"."""
    samples: SamplesPart | None = None
    """The sample grid; None if the run draws none."""
    evaluation: EvaluationPart | None = None
    """The periodic evaluation; None if the run has none."""
    log: LogPart | None = None
    """The log for TensorBoard; None if the run has none."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Initial values of the numbers that updates keep on the device, by name."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of the nodes, by node id, for error messages."""
    reading: tuple[str, ...] = ()
    """Roles of the networks that take images as input."""
    found: Mapping[str, Findings] = field(default_factory=dict)
    """What was found about the images of each node that reads some, by node id, the training images first."""
    measures: tuple[str, ...] | None = None
    """The checkup series that the family declares; None for all that its checkup measures."""


def begin(experiment: Experiment) -> TrainState:
    """The state before the first step. Networks are copied, so one experiment can be begun any number of times.

    Seeds torch's global random number generator, which dropout uses, so that a run depends on its seed alone.
    """
    settings = experiment.settings
    torch.manual_seed(settings.seed)
    # Copied in one call, so that networks that share modules or weights still do.
    networks = {role: network.train() for role, network in deepcopy(dict(experiment.networks)).items()}
    for network in networks.values():
        see_whole_batches(network, settings.ranks)
    averaged = experiment.averaged if settings.ema_halflife_images else ()
    return TrainState(
        networks=networks,
        averages={role: deepcopy(networks[role]).eval().requires_grad_(False) for role in averaged},
        optimizers={role: part.make(list(networks[role].parameters())) for role, part in experiment.optimizers.items()},
        parts=experiment.optimizers,
        random=_seeded(settings),
        device=settings.device,
        seed=settings.seed,
        live=dict(experiment.live),
        journal=[],
        counters={update.counter: 0 for update in experiment.updates},
        threads=torch.get_num_threads(),
        numbers={
            name: torch.tensor(value, dtype=torch.float32, device=settings.device)
            for name, value in experiment.numbers.items()
        },
        by_share=tuple(buffer for network in networks.values() for buffer in statistics_by_share(network)),
    )


def _seeded(settings: Settings) -> BatchRandom:
    random = BatchRandom(settings.device, settings.ranks)
    random.manual_seed(settings.seed)
    return random
