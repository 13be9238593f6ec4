"""Begin a run with weights from a file: which tensors fit which network, and what stays as it was initialised."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipeline.errors.runs import UnfitWeights
from pipeline.formatting import counted, listed, shortened
from pipeline.training.state import TrainState
from pipeline.training.weights_file import WeightsFile

MOST_NAMED = 12
"""Tensors that a table names for each reason."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class WeightsFit:
    """How the tensors of a file fit the networks of a run. All names are "role.name", as in the file of a whole model.

    loaded: what fits. missing: what the networks have and the file does not. other_shape: name -> shape in the file and
    in the network. unexpected: names in the file that no network has.
    """

    loaded: tuple[str, ...]
    missing: tuple[str, ...]
    other_shape: Mapping[str, tuple[Shape, Shape]]
    unexpected: tuple[str, ...]

    @property
    def table(self) -> tuple[str, ...]:
        """Lines that list everything, network by network."""
        roles = dict.fromkeys(name.split(".")[0] for name in (*self.loaded, *self.missing, *self.other_shape))
        rows = [line for role in roles for line in self._rows(role)]
        return (*rows, *_named("not in these networks", self.unexpected))

    def _rows(self, role: str) -> list[str]:
        prefix = f"{role}."
        loaded, missing = (
            [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
            for names in (self.loaded, self.missing)
        )
        shapes = [
            f"{name.removeprefix(prefix)}: {_shape(found)} in the file, {_shape(own)} in the network"
            for name, (found, own) in self.other_shape.items()
            if name.startswith(prefix)
        ]
        total = len(loaded) + len(missing) + len(shapes)
        if len(missing) == total:
            return [f"{role}: none of {counted(total, 'tensor')} from the file"]
        return [
            f"{role}: {len(loaded)} of {counted(total, 'tensor')} from the file",
            *_named("missing in the file", missing),
            *_named("of another shape", shapes),
        ]

    @property
    def remainder(self) -> str:
        """What stays as it was initialised, as a sentence; "" if everything was loaded."""
        left = (*self.missing, *self.other_shape)
        if not left:
            return ""
        counts = Counter(name.split(".")[0] for name in left)
        parts = [f"{counted(number, 'tensor')} of the {role}" for role, number in counts.items()]
        return f"Not from the file, but as initialised: {listed(parts)}."


@dataclass(frozen=True)
class InitialWeights:
    """Weights that a new run begins with. network: the role that they are for; None if their names say it."""

    file: WeightsFile
    network: str | None = None

    def load(self, state: TrainState, frozen: Collection[str] = ()) -> WeightsFit:
        """Copy what fits into the networks of a new state, and into their averages.

        frozen: roles of networks that come trained and stay as they are. Raises UnfitWeights, with the state unchanged,
        as `fit` does.
        """
        networks = {role: network for role, network in state.networks.items() if role not in frozen}
        found = fit(self.file, networks, self.network)
        given = _by_role(self.file, networks, self.network)
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
            "other_shape": {name: [list(given), list(own)] for name, (given, own) in found.other_shape.items()},
            "unexpected": list(found.unexpected),
            "table": list(found.table),
        }


def fit(file: WeightsFile, networks: Mapping[str, nn.Module], network: str | None = None) -> WeightsFit:
    """Compare the tensors of a file with networks, by role.

    Names are "role.name", or those of one network: `network`, or else the one that most tensors fit. Raises
    UnfitWeights if no tensor fits, or if it is not clear which network is meant.
    """
    own = {f"{role}.{name}": tuple(each.shape) for role, module in networks.items() for name, each in _state(module)}
    if network is not None and network not in networks:
        raise UnfitWeights(file.name, f"the run has no network {shortened(network)!r}: choose {listed(networks)}")
    given = _by_role(file, networks, network)
    shapes = {name: tuple(each.shape) for name, each in given.items()}
    found = WeightsFit(
        loaded=tuple(name for name, shape in own.items() if shapes.get(name) == shape),
        missing=tuple(name for name in own if name not in shapes),
        other_shape={
            name: (shapes[name], shape) for name, shape in own.items() if name in shapes and shapes[name] != shape
        },
        unexpected=tuple(name for name in shapes if name not in own),
    )
    if not found.loaded:
        raise UnfitWeights(file.name, _why_none(file, found, networks))
    return found


def _by_role(file: WeightsFile, networks: Mapping[str, nn.Module], network: str | None) -> dict[str, Tensor]:
    """The tensors of a file under names that begin with a role."""
    roles = tuple(f"{role}." for role in networks)
    if network is not None:
        own = f"{network}."
        if any(name.startswith(own) for name in file.tensors):
            return {name: each for name, each in file.tensors.items() if name.startswith(own)}
        return {own + name: each for name, each in file.tensors.items()}
    if any(name.startswith(roles) for name in file.tensors):
        return dict(file.tensors)
    counts = {role: _fitting(file, module) for role, module in networks.items()}
    most = max(counts.values())
    fitting = [role for role, number in counts.items() if number == most > 0]
    if len(fitting) > 1:
        raise UnfitWeights(
            file.name, f"its tensors fit {listed(f'the {role}' for role in fitting)}: say which one is meant"
        )
    alike = max(networks, key=lambda role: len(file.tensors.keys() & networks[role].state_dict().keys()))
    role = fitting[0] if fitting else alike
    return {f"{role}.{name}": each for name, each in file.tensors.items()}


def _fitting(file: WeightsFile, module: nn.Module) -> int:
    """Number of tensors that have the name and the shape of one of the module."""
    return sum(name in file.tensors and file.tensors[name].shape == each.shape for name, each in _state(module))


def _state(module: nn.Module) -> list[tuple[str, Tensor]]:
    return [(name, each) for name, each in module.state_dict().items() if isinstance(each, torch.Tensor)]


def _why_none(file: WeightsFile, found: WeightsFit, networks: Mapping[str, nn.Module]) -> str:
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
