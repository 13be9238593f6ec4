"""The hand-over from the workflow to training: an Experiment is finished parts, ready to be trained.

`pipeline/nodes/` makes it; the Trainer takes it and knows nothing of graphs, nor of any family.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

import torch
from torch import nn

from pipeline.training.checkup import Checkup
from pipeline.training.coding import Coding
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.parts import RealImages, SamplesPart
from pipeline.training.sampler import Sampler
from pipeline.training.scores import Scores
from pipeline.training.settings import Settings
from pipeline.training.stages import Update
from pipeline.training.state import TrainState


@dataclass(frozen=True)
class Experiment:
    """Everything that one run trains.

    node: id of the training node. images: what is learnt from. networks: role -> network, untrained. nodes: role ->
    node id. averaged: roles that an exponential moving average may be kept of. optimizers: role -> how its network is
    updated. updates: the updates of one step, in order. series: metric names that the updates make, in chart order.
    sampler: how images are made. grid: how those of the sample grid are, where that is another way. scores: how images
    are scored, coding: how they become codes and images again, each in families that do it. checkup: what is measured
    with every sample grid. live: initial values of the live parameters by "node.parameter". numbers: initial values of
    numbers that updates keep on the device, by name. titles: of nodes, by id, for what goes wrong in one.
    reading: roles of the networks that images go into by themselves.
    """

    node: str
    images: RealImages
    networks: Mapping[str, nn.Module]
    nodes: Mapping[str, str]
    averaged: tuple[str, ...]
    optimizers: Mapping[str, OptimizerPart]
    updates: tuple[Update, ...]
    series: tuple[str, ...]
    sampler: Sampler
    settings: Settings
    checkup: Checkup
    grid: Sampler | None = None
    scores: Scores | None = None
    coding: Coding | None = None
    live: Mapping[str, float] = field(default_factory=dict)
    samples: SamplesPart | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    reading: tuple[str, ...] = ()


def begin(experiment: Experiment) -> TrainState:
    """The state before the first step. The networks are copies, so an experiment can be begun any number of times.

    Seeds torch's global random numbers: dropout draws from it, and a run is to depend on its seed alone.
    """
    settings = experiment.settings
    torch.manual_seed(settings.seed)
    networks = {role: deepcopy(network).train() for role, network in experiment.networks.items()}
    averaged = experiment.averaged if settings.ema_halflife_images else ()
    return TrainState(
        networks=networks,
        averages={role: deepcopy(networks[role]).eval().requires_grad_(False) for role in averaged},
        optimizers={role: part.make(list(networks[role].parameters())) for role, part in experiment.optimizers.items()},
        parts=experiment.optimizers,
        random=torch.Generator(settings.device).manual_seed(settings.seed),
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
    )
