"""Begin a run with weights from a file: which tensors fit which network, and what stays as it was initialised."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from torch import Tensor

from pipeline.errors.runs import UnfitWeights
from pipeline.formatting import counted, listed, shortened
from pipeline.training.state import TrainState
from pipeline.training.weights_file import WeightsFile, read_weights

MOST_NAMED = 12
"""Tensors that a table names for each reason."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class WeightsFit:
    """How the tensors of a file fit the networks of a run. All names are "role.name", as in the file of a whole model.

    loaded: what fits. missing: what the networks have and the file does not. other_shape: name -> shape in the file and
    in the network. left_out: what would fit, in layers of which another tensor does not: a bias by itself means
    nothing. unexpected: names in the file that no network has.
    """

    loaded: tuple[str, ...]
    missing: tuple[str, ...]
    other_shape: Mapping[str, tuple[Shape, Shape]]
    left_out: tuple[str, ...]
    unexpected: tuple[str, ...]

    @property
    def table(self) -> tuple[str, ...]:
        """Lines that list everything, network by network."""
        roles = dict.fromkeys(name.split(".")[0] for name in (*self.loaded, *self.missing, *self.other_shape))
        rows = [line for role in roles for line in self._rows(role)]
        return (*rows, *_named("not in these networks", sorted(self.unexpected)))

    def _rows(self, role: str) -> list[str]:
        prefix = f"{role}."
        loaded, missing, left_out = (
            [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
            for names in (self.loaded, self.missing, self.left_out)
        )
        shapes = [
            f"{name.removeprefix(prefix)}: {_shape(found)} in the file, {_shape(own)} in the network"
            for name, (found, own) in self.other_shape.items()
            if name.startswith(prefix)
        ]
        total = len(loaded) + len(missing) + len(left_out) + len(shapes)
        if len(missing) == total:
            return [f"{role}: none of {counted(total, 'tensor')} from the file"]
        return [
            f"{role}: {len(loaded)} of {counted(total, 'tensor')} from the file",
            *_named("missing in the file", missing),
            *_named("of another shape", shapes),
            *_named("left out, because their layers do not fit", left_out),
        ]

    @property
    def remainder(self) -> str:
        """What stays as it was initialised, as a sentence; "" if everything was loaded."""
        left = (*self.missing, *self.other_shape, *self.left_out)
        if not left:
            return ""
        counts = Counter(name.split(".")[0] for name in left)
        parts = [f"{counted(number, 'tensor')} of the {role}" for role, number in counts.items()]
        return f"Not from the file, but as initialised: {listed(parts)}."


@dataclass(frozen=True)
class InitialWeights:
    """Weights that a new run begins with. network: the role that they are for; None if the file or its names say it."""

    file: WeightsFile
    network: str | None = None

    @classmethod
    def in_file(cls, path: Path | str, network: str | None = None) -> Self:
        """Those in a file. Raises UnusableFile as `read_weights` does."""
        return cls(read_weights(Path(path)), network or None)

    def role(self, known: Collection[str]) -> str | None:
        """The role that the weights are for: the one that was asked for, or else the one that the file names, if the
        run has it."""
        return self.network or (self.file.network if self.file.network in known else None)

    def load(self, state: TrainState, frozen: Collection[str] = ()) -> WeightsFit:
        """Copy what fits into the networks of a new state, and into their averages.

        frozen: roles of networks that come trained and stay as they are. Raises UnfitWeights, with the state unchanged,
        as `fit` does.
        """
        networks = {role: network for role, network in state.networks.items() if role not in frozen}
        shapes = {role: shapes_of(network.state_dict()) for role, network in networks.items()}
        found, given = fit(self, shapes), _by_role(self, shapes)
        for role, network in networks.items():
            prefix = f"{role}."
            fitting = {name.removeprefix(prefix): given[name] for name in found.loaded if name.startswith(prefix)}
            for each in (network, state.averages.get(role)):
                if each is not None and fitting:
                    each.load_state_dict({**each.state_dict(), **fitting})
        return found

    def sentence(self, found: WeightsFit) -> str:
        """What was loaded, for the run's events."""
        start = f"Began with {counted(len(found.loaded), 'tensor')} of {self.file.name}, SHA-256 {self.file.hash[:16]}."
        return f"{start} {found.remainder}".rstrip()

    def record(self, found: WeightsFit) -> dict[str, object]:
        """What was loaded, for the run's record."""
        return {
            "file": self.file.name,
            "sha256": self.file.hash,
            "loaded": list(found.loaded),
            "missing": list(found.missing),
            "left_out": list(found.left_out),
            "other_shape": {name: [list(given), list(own)] for name, (given, own) in found.other_shape.items()},
            "unexpected": list(found.unexpected),
            "table": list(found.table),
        }


def shapes_of(tensors: Mapping[str, Tensor]) -> dict[str, Shape]:
    """The shapes of some tensors, by name."""
    return {name: tuple(each.shape) for name, each in tensors.items()}


def fit(initial: InitialWeights, networks: Mapping[str, Mapping[str, Shape]]) -> WeightsFit:
    """Compare the tensors of a file with those of networks: role -> name -> shape.

    Names in the file are "role.name", or those of one network: the one that is named, or else the one that most tensors
    fit. Raises UnfitWeights if no tensor fits, or if it is not clear which network is meant.
    """
    file, network = initial.file, initial.role(networks)
    if network is not None and network not in networks:
        raise UnfitWeights(file.name, f"the run has no network {shortened(network)!r}: choose {listed(networks)}")
    own = {f"{role}.{name}": tuple(shape) for role, shapes in networks.items() for name, shape in shapes.items()}
    given = shapes_of(_by_role(initial, networks))
    fitting = [name for name, shape in own.items() if given.get(name) == shape]
    other_shape = {name: (given[name], shape) for name, shape in own.items() if given.get(name, shape) != shape}
    spoiled = {_layer(name) for name in other_shape}
    found = WeightsFit(
        loaded=tuple(name for name in fitting if _layer(name) not in spoiled),
        missing=tuple(name for name in own if name not in given),
        other_shape=other_shape,
        left_out=tuple(name for name in fitting if _layer(name) in spoiled),
        unexpected=tuple(name for name in given if name not in own),
    )
    if not found.loaded:
        raise UnfitWeights(file.name, _why_none(file, found, networks))
    return found


def _by_role(initial: InitialWeights, networks: Mapping[str, Mapping[str, Shape]]) -> dict[str, Tensor]:
    """The tensors of a file under names that begin with a role."""
    file, network = initial.file, initial.role(networks)
    if network is not None:
        own = f"{network}."
        whole = {name: each for name, each in file.tensors.items() if name.startswith(own)}
        return whole or {own + name: each for name, each in file.tensors.items()}
    if any(name.startswith(tuple(f"{role}." for role in networks)) for name in file.tensors):
        return dict(file.tensors)
    given = shapes_of(file.tensors)
    fitting = {role: len(shapes.items() & given.items()) for role, shapes in networks.items()}
    best = [role for role, number in fitting.items() if number == max(fitting.values())]
    if len(best) > 1 and fitting[best[0]]:
        raise UnfitWeights(
            file.name, f"its tensors fit {listed(f'the {role}' for role in best)}: say which one is meant"
        )
    # If nothing fits, the most similar network explains best why.
    role = max(best, key=lambda role: len(networks[role].keys() & given.keys()))
    return {f"{role}.{name}": each for name, each in file.tensors.items()}


def _layer(name: str) -> str:
    """The path of the layer that a tensor belongs to."""
    return name.split(".parametrizations.")[0] if ".parametrizations." in name else name.rpartition(".")[0]


def _why_none(file: WeightsFile, found: WeightsFit, networks: Collection[str]) -> str:
    if found.other_shape:
        shown = [
            f"{shortened(name, 80)} is {_shape(given)} in the file and {_shape(own)} in the network"
            for name, (given, own) in list(found.other_shape.items())[:3]
        ]
        return f"no tensor has the shape that the networks need: {listed(shown)}"
    theirs, ours = (
        listed([shortened(name, 80) for name in names[:2]]) for names in (tuple(file.tensors), found.missing)
    )
    return f"its tensors, such as {theirs}, have other names than those of {listed(networks)}, such as {ours}"


def _named(what: str, lines: Collection[str]) -> list[str]:
    if not lines:
        return []
    shown = [f"    {shortened(line, 160)}" for line in list(lines)[:MOST_NAMED]]
    more = [f"    and {len(lines) - MOST_NAMED:,} more"] if len(lines) > MOST_NAMED else []
    return [f"  {what}: {len(lines):,}", *shown, *more]


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "a single number"
