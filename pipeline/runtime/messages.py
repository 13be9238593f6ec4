"""What the server and the engine say to each other, as plain data: commands one way, answers and snapshots the other.

A message is a JSON header and the raw bytes that belong to it, so nothing on the wire can run code. `Snapshot` is the
whole state of the trainer as pages see it: immutable, replaced as one, cheap to compare by `version`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, Self

from pipeline.errors.base import GenscopeError

EngineState = Literal["starting", "ready", "gone"]
RunState = Literal["idle", "building", "running", "paused", "finished", "failed"]

Header = dict[str, Any]
Message = tuple[Header, list[bytes]]


@dataclass(frozen=True)
class Command:
    """Something a user asks of the engine.

    run: the run it is meant for, as the user saw it; "" where it needs none. version: the snapshot's version that the
    user saw, or None where that does not matter. who: the name that signs it. number: pairs it with its answer.
    """

    kind: str
    run: str = ""
    version: int | None = None
    who: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0

    def message(self) -> Message:
        return {"is": "command", **asdict(self)}, []

    @classmethod
    def from_message(cls, message: Message) -> Self:
        return cls(**_without_kind(message[0]))


@dataclass(frozen=True)
class Answer:
    """What became of command `number`: done (with `values` and `blobs`), or not, with the error's name and sentence."""

    number: int
    done: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    sentence: str = ""
    exit_code: int = 0
    blobs: tuple[bytes, ...] = ()

    @classmethod
    def refusing(cls, number: int, error: GenscopeError) -> Self:
        return cls(number, done=False, error=type(error).__name__, sentence=str(error), exit_code=error.exit_code)

    def message(self) -> Message:
        header = {"is": "answer", **asdict(replace(self, blobs=()))}
        del header["blobs"]
        return header, list(self.blobs)

    @classmethod
    def from_message(cls, message: Message) -> Self:
        return cls(**_without_kind(message[0]), blobs=tuple(message[1]))


@dataclass(frozen=True)
class Device:
    """A device that the engine can train on. `memory` in bytes, 0 where it is not known."""

    name: str
    title: str
    memory: int = 0


@dataclass(frozen=True)
class Snapshot:
    """The trainer as pages see it.

    version: grows with every change of state (not with every step). doing: what takes time just now, in words.
    until: step at which the present chunk ends, None while it runs to `total_steps`. active: id of the node at work or
    to blame. metrics: the last step's values. live: live parameters now, by "node.parameter". saved: step of the last
    checkpoint. samples, reals: PNG grids, `samples_step` the step of the first. seconds: spent training.
    """

    version: int = 0
    engine: EngineState = "starting"
    trouble: str = ""
    pid: int = 0
    devices: tuple[Device, ...] = ()
    state: RunState = "idle"
    run: str = ""
    name: str = ""
    who: str = ""
    device: str = ""
    doing: str = ""
    step: int = 0
    total_steps: int = 0
    until: int | None = None
    seconds: float = 0.0
    images_per_second: float = 0.0
    metrics: Mapping[str, float] = field(default_factory=dict)
    live: Mapping[str, float] = field(default_factory=dict)
    saved: int | None = None
    active: str = ""
    error: str = ""
    samples_step: int = 0
    samples: bytes = b""
    reals: bytes = b""

    @property
    def mark(self) -> tuple[int, int, EngineState]:
        """Differs between two snapshots exactly where a page has to be drawn anew, numbers apart."""
        return self.pid, self.version, self.engine

    @property
    def busy(self) -> bool:
        """Whether numbers move: a page that shows this snapshot has to look again soon."""
        return self.engine == "starting" or (self.engine == "ready" and self.state in ("building", "running"))

    def message(self) -> Message:
        header = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        header |= {"is": "snapshot", "devices": [asdict(device) for device in self.devices]}
        return header, [header.pop("samples"), header.pop("reals")]

    @classmethod
    def from_message(cls, message: Message) -> Self:
        header = _without_kind(message[0])
        devices = tuple(Device(**device) for device in header.pop("devices"))
        samples, reals = message[1]
        return cls(**header, devices=devices, samples=samples, reals=reals)


def _without_kind(header: Header) -> Header:
    return {name: value for name, value in header.items() if name != "is"}
