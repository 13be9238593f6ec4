"""What the server and the engine say to each other, as plain data: commands one way, answers and snapshots the other.

A message is a JSON header and the raw bytes that belong to it, so nothing on the wire can run code. `Snapshot` is the
whole state of the trainer as pages see it: immutable, replaced as one, cheap to compare by `version`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, Self

from pipeline.errors.base import GenscopeError
from pipeline.runs.watching import Watching

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
class StageSeen:
    """The stage that a walk through a step has just done, as pages show it.

    update, name, node: which it was; next_update, next_name, next_node: which comes next, and next_begins whether it is
    the first of its update. number, of: its place in the step. formula: in LaTeX. values: its numbers by name. scores:
    of the images, as they are shown. latents: (rows of) the noise or the codes. roles: of the networks whose gradients
    it worked out or whose weights it moved; parameters: rows of name, shape, weight, gradient and update norm of these.
    """

    update: str
    name: str
    node: str
    number: int
    of: int
    next_update: str
    next_name: str
    next_node: str
    next_begins: bool = False
    formula: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    scores: tuple[float, ...] = ()
    latents: tuple[tuple[float, ...], ...] = ()
    roles: tuple[str, ...] = ()
    parameters: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class RewindSeen:
    """What a run can go back to. snapshots: steps in memory, which take `size` of at most `budget` bytes. checkpoints:
    steps on the disk. first: the step it began at."""

    snapshots: tuple[int, ...] = ()
    checkpoints: tuple[int, ...] = ()
    size: int = 0
    budget: int = 0
    first: int = 0


@dataclass(frozen=True)
class ReadingSeen:
    """A data set that is being read for the Data page. doing: what is done with it in words; done, total: how much of
    that, total 0 where it is not known."""

    key: str
    doing: str
    done: int
    total: int


StopKind = Literal["", "breakpoint", "until", "not finite", "mistake"]


@dataclass(frozen=True)
class Snapshot:
    """The trainer as pages see it.

    version: grows with every change of state (not with every step). doing: what takes time just now, in words.
    until: step at which the present chunk ends, None while it runs to `total_steps`. active: id of the node at work or
    to blame. metrics: the last step's values. live: live parameters now, by "node.parameter". saved: step of the last
    checkpoint. samples, reals: PNG grids, `samples_step` the step of the first. seconds: spent training.
    streaming: why the images are not on the device, in words; "" where they are.

    head: the furthest step that the run has come to; it is ahead of `step` after Back. updates: how often each network
    was updated, by counter. stopped, stop_kind: the sentence why training stopped by itself, and what kind of stop it
    was. watching: breakpoints and watches. stage, stage_images: of the walk through a step that is half done, PNGs.
    probes: steps from one measuring of all layers to the next, 0 for none; probe_share: share of time that it takes.
    readings: data sets that are being read; only the drawing engine reads any. held_by: the process that has the run,
    in words, where that is not this trainer; "" where it is, or where nobody has it.
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
    streaming: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    live: Mapping[str, float] = field(default_factory=dict)
    saved: int | None = None
    active: str = ""
    error: str = ""
    head: int = 0
    updates: Mapping[str, int] = field(default_factory=dict)
    stopped: str = ""
    stop_kind: StopKind = ""
    watching: Watching = field(default_factory=Watching)
    rewind: RewindSeen = field(default_factory=RewindSeen)
    stage: StageSeen | None = None
    probes: int = 0
    probe_share: float = 0.0
    readings: tuple[ReadingSeen, ...] = ()
    held_by: str = ""
    samples_step: int = 0
    samples: bytes = b""
    reals: bytes = b""
    stage_images: tuple[bytes, ...] = ()

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
        header |= {
            "is": "snapshot",
            "devices": [asdict(device) for device in self.devices],
            "watching": self.watching.as_json(),
            "rewind": asdict(self.rewind),
            "stage": asdict(self.stage) if self.stage else None,
            "readings": [asdict(reading) for reading in self.readings],
        }
        return header, [header.pop("samples"), header.pop("reals"), *header.pop("stage_images")]

    @classmethod
    def from_message(cls, message: Message) -> Self:
        header = _without_kind(message[0])
        samples, reals, *stage_images = message[1]
        header |= {
            "devices": tuple(Device(**device) for device in header["devices"]),
            "watching": Watching.from_json(header["watching"]),
            "rewind": RewindSeen(**_with_tuples(header["rewind"])),
            "stage": StageSeen(**_with_tuples(header["stage"])) if header["stage"] else None,
            "readings": tuple(ReadingSeen(**reading) for reading in header["readings"]),
        }
        return cls(**header, samples=samples, reals=reals, stage_images=tuple(stage_images))


def _without_kind(header: Header) -> Header:
    return {name: value for name, value in header.items() if name != "is"}


def _with_tuples(facts: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has lists where these have tuples."""
    return {
        name: tuple(tuple(each) if isinstance(each, list) else each for each in value)
        if isinstance(value, list)
        else value
        for name, value in facts.items()
    }
