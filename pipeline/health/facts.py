"""What a run's workflow and record say that its curves do not, in the terms of no family."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LiveChange:
    """A change that a user made to a live parameter.

    step: the last step before it took effect. what: the parameter in words, such as "Adam · Learning rate".
    who: the user, "" if unnamed. role, parameter: as of a `Suggestion`, for a link to it.
    """

    step: int
    what: str
    before: float
    after: float
    who: str = ""
    role: str = ""
    parameter: str = ""


@dataclass(frozen=True)
class ForkOrigin:
    """Where a fork began. step: its parent's step. series: the parent's losses in the steps up to there, oldest first;
    empty if they cannot be compared, since the fork has another objective."""

    step: int
    series: Mapping[str, NDArray[np.floating]] = field(default_factory=dict)


@dataclass(frozen=True)
class PenalisedBatchNorm:
    """A gradient penalty on a network with batch normalization.

    penalty, network: titles of their nodes. weight: of the penalty. layers: number of batch normalizations.
    """

    penalty: str
    network: str
    weight: float
    layers: int


@dataclass(frozen=True)
class Facts:
    """What is known about a run besides its curves; None, 0 or () where it is not known or does not apply.

    total_steps: the planned end. train_images: number of training images. average_halflife: half-life of the averaged
    weights, in steps. phase_begun: finished steps at which the current phase of training, and its averages, began.
    data_warnings: what is probably not meant about the run's images, as sentences. penalised: gradient penalties over
    batch normalization. changes: live changes, oldest first. fork: where it was forked. weights: number of trained
    values of each network, by role, as far as it is known before anything is built.
    """

    total_steps: int | None = None
    train_images: int | None = None
    average_halflife: float = 0.0
    phase_begun: int = 0
    data_warnings: tuple[str, ...] = ()
    penalised: tuple[PenalisedBatchNorm, ...] = ()
    changes: tuple[LiveChange, ...] = ()
    fork: ForkOrigin | None = None
    weights: Mapping[str, int] = field(default_factory=dict)


NO_FACTS = Facts()
