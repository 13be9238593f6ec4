"""The state of an engine as pages show it: immutable, replaced as a whole, and cheap to compare by `version`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from pipeline.runs.watching import Watching
from pipeline.runtime.messages.blob import STRICT, Blob

EngineState = Literal["starting", "ready", "gone"]
RunState = Literal["idle", "building", "running", "paused", "finished", "failed"]
StopKind = Literal["", "breakpoint", "until", "not finite", "mistake", "cannot write"]


@dataclass(frozen=True)
class Device:
    """A device that the engine can train on."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    """Name in workflows: cpu, cuda:0, mps."""
    title: str
    memory: int = 0
    """Bytes, 0 if not known."""


@with_config(STRICT)
class ParameterNorms(TypedDict):
    """One parameter tensor of a network. Norms are L2, None if not known at this stage."""

    name: str
    """Its path in the network."""
    shape: tuple[int, ...]
    weight: float | None
    """Norm of the weights before the update."""
    gradient: float | None
    """Norm of the gradient."""
    update: float | None
    """Norm of what the update added."""


@dataclass(frozen=True)
class PlannedUpdate:
    """An update of a step, with its stages in order."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    """What it updates."""
    count: int
    """How often a step does it, one after the other."""
    stages: tuple[tuple[str, str], ...]
    """(name, id of its node) of each stage."""


@dataclass(frozen=True)
class StageSnapshot:
    """The stage of a step that a walk has just done."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    update: str
    """Name of the update to which it belongs."""
    name: str
    """What it does, such as "draw noise"."""
    node: str
    """Id of the node to which it belongs."""
    number: int
    """Its place in the step, from 1."""
    of: int
    """Number of stages in the step."""
    next_update: str
    """Update of the next stage."""
    next_name: str
    """Name of the next stage."""
    next_node: str
    """Node of the next stage."""
    next_begins: bool = False
    """Whether the next stage is the first of its update."""
    formula: str = ""
    """What it computes, in LaTeX; "" without one."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Its numbers by name; may be NaN or infinite."""
    rows: tuple[str, ...] = ()
    """What its images are, row by row, if they are several pictures of each image of the batch."""
    labels: tuple[str, ...] = ()
    """Short texts to show under the images of all rows."""
    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Numbers of each image of the batch, by name; may be NaN or infinite."""
    scores: tuple[float, ...] = ()
    """Scores of the images, in the order in which they are shown."""
    latents: tuple[tuple[float, ...], ...] = ()
    """Rows of the noise or the codes; the first of them if there are many."""
    roles: tuple[str, ...] = ()
    """Networks whose gradients it computed or whose weights it changed."""
    parameters: tuple[ParameterNorms, ...] = ()
    """Norms of the parameters of these networks, in their order."""


@dataclass(frozen=True)
class RewindStatus:
    """The steps that Back can start from."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    snapshots: tuple[int, ...] = ()
    """Steps kept in memory, the earliest first."""
    checkpoints: tuple[int, ...] = ()
    """Steps kept on disk, the earliest first."""
    size: int = 0
    """Bytes that the snapshots in memory take."""
    budget: int = 0
    """Bytes that they may take."""
    first: int = 0
    """The step at which the run began: 0, or a fork's first step."""


@dataclass(frozen=True)
class ReadingProgress:
    """A data set that is being read for the Data page."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    key: str
    """Identifies the reading."""
    doing: str
    """What is being done, in words."""
    done: int
    """How much is done, out of `total`."""
    total: int
    """0 if not known."""


@dataclass(frozen=True)
class EvaluationProgress:
    """An evaluation of a run that waits, works, or has failed."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    run: str
    """Id of the run."""
    doing: str
    """What is being done, in words."""
    share: float = 0.0
    """How much is done, 0 to 1."""
    seconds: float = 0.0
    """How long it has worked; 0 while it waits."""
    error: str = ""
    """Why it has failed or was stopped, in a sentence; "" if it has not."""
    stopped: bool = False
    """Whether a user stopped it."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The state of an engine and of its run, as pages show it."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    kind: Literal["snapshot"] = "snapshot"
    """Identifies the type on the wire."""
    version: int = 0
    """Increases with every change of state, not with every step."""
    engine: EngineState = "starting"
    """Whether the engine process is starting, answers, or has ended."""
    trouble: str = ""
    """Why the engine has ended; "" while it has not."""
    pid: int = 0
    """Process id of the engine, 0 if not known yet."""
    processes: int = 1
    """Of the engine, which train its run together; of a run that is not loaded, those that trained it last."""
    by_hand: bool = False
    """Whether a user started the engine in a terminal, so that no server ends it."""
    successor: int = 0
    """How many processes the engine has that takes over from this one, because the next run asks for them; 0 while
    this one stays."""
    devices: tuple[Device, ...] = ()
    """What the engine can train on, the CPU first."""
    state: RunState = "idle"
    """Of the run; "idle" if none is loaded."""
    run: str = ""
    """Id of the run, "" if none is loaded."""
    name: str = ""
    """Name of the run."""
    who: str = ""
    """Who last changed the run's state."""
    device: str = ""
    """What the run trains on."""
    doing: str = ""
    """What the engine is busy with, in words; "" for plain training."""
    preparing: str = ""
    """What has to be made before the next step can begin, and how much of it is; "" if nothing."""
    step: int = 0
    """Steps trained; after Back, the step that it went back to."""
    total_steps: int = 0
    """The planned end."""
    until: int | None = None
    """Step at which the current chunk ends, None while it runs to `total_steps`."""
    seconds: float = 0.0
    """Time spent training."""
    images_per_second: float = 0.0
    """Training speed, 0 before it is measured."""
    streaming: str = ""
    """Why the images are not on the device, in words; "" if they are."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Values of the last step by name; may be NaN or infinite."""
    live: Mapping[str, float] = field(default_factory=dict)
    """Current values of live parameters, by "node.parameter"."""
    saved: int | None = None
    """Step of the last checkpoint, None without one."""
    active: str = ""
    """Id of the node at work in a walk, or of the node that failed."""
    error: str = ""
    """Why the run failed, in a sentence; "" if it has not."""
    head: int = 0
    """The furthest step that the run has reached; greater than `step` after Back."""
    updates: Mapping[str, int] = field(default_factory=dict)
    """How many updates each network has had, by counter."""
    stopped: str = ""
    """Why training stopped by itself, in a sentence; "" if it did not."""
    stop_kind: StopKind = ""
    """What stopped it."""
    watching: Watching = field(default_factory=Watching)
    """Breakpoints and watches."""
    rewind: RewindStatus = field(default_factory=RewindStatus)
    """The steps that Back can start from."""
    stage: StageSnapshot | None = None
    """The last stage of a walk, None between walks."""
    plan: tuple[PlannedUpdate, ...] = ()
    """All stages of a step; () if no run is loaded."""
    idle: tuple[PlannedUpdate, ...] = ()
    """The updates that the next step does not do, because they belong to another phase."""
    probes: int = 0
    """Steps from one measurement of all layers to the next, 0 for none."""
    probe_share: float = 0.0
    """Share of training time that probes take, 0 to 1."""
    profiling: tuple[int, int] | None = None
    """How many steps the profile that is being taken has measured, and how many it is to; None without one."""
    readings: tuple[ReadingProgress, ...] = ()
    """Data sets being read; the drawing engine's only."""
    evaluations: tuple[EvaluationProgress, ...] = ()
    """Evaluations, in their order; the evaluation engine's only."""
    held_by: str = ""
    """Another process that owns the run, in words; "" if this engine or no process owns it."""
    samples_step: int = 0
    """Step at which `samples` was drawn."""
    samples: Blob = b""
    """PNG of the newest sample grid; b"" before the first."""
    reals: Blob = b""
    """PNG of real images; b"" without any."""
    stage_images: tuple[Blob, ...] = ()
    """PNGs of the images of `stage`, row by row if it has rows."""
    stop_images: Blob = b""
    """PNG of the training images of the batch in which a value became not finite; b"" without any."""

    @property
    def mark(self) -> tuple[int, int, EngineState]:
        """Differs between two snapshots if a page must be redrawn; steps and metrics alone do not change it."""
        return self.pid, self.version, self.engine

    @property
    def busy(self) -> bool:
        """Whether numbers are changing: a page that shows this snapshot must poll again soon."""
        return self.engine == "starting" or (self.engine == "ready" and self.state in ("building", "running"))
