"""Commands for the training engine, and `Cancel`, which both engines accept.

Decoding a command checks types only. Its handler checks ranges and explains a wrong value to the user.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Generic, Literal, TypeVar, get_args

from pydantic import ConfigDict, Field

from pipeline.runs.watching import Watching
from pipeline.runtime.messages.answer import Answer, Count
from pipeline.runtime.messages.answers import CodesView, Done, InsideView, StageView
from pipeline.runtime.messages.blob import STRICT

AnswerT = TypeVar("AnswerT", bound=Answer)

Finite = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True, kw_only=True)
class Command(Generic[AnswerT]):
    """Base class of all commands. `class Chunk(Command[Done])` is answered with `Done` or with `Refused`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    kind: str
    """Identifies the type on the wire."""
    run: str = ""
    """Id of the run that it is meant for; "" if it needs none."""
    version: int | None = None
    """Version of the snapshot that the user saw; None if a later change does not matter."""
    who: str = ""
    """Name of the user who sent it."""
    number: Count = 0
    """Matches it with its answer. Set by the handle."""

    @classmethod
    def answer_type(cls) -> type[AnswerT]:
        """The type of its answer if it is carried out."""
        (found,) = get_args(cls.__orig_bases__[0])  # type: ignore[attr-defined]
        return found  # type: ignore[no-any-return]


@dataclass(frozen=True, kw_only=True)
class Start(Command[Done]):
    """Start a new run and train it."""

    kind: Literal["start"] = "start"
    workflow: str
    """The workflow's document, as JSON text."""
    weights: str = ""
    """Path of a file of weights to begin with; "" for none."""
    network: str = ""
    """The network that the file is for; "" if the names in it say it."""
    name: str = ""
    """Name of the run; "" for the workflow's."""
    switch: bool = False
    """Pause and save a run that is being trained, instead of refusing."""


@dataclass(frozen=True, kw_only=True)
class StartNext(Command[Done]):
    """Start a run that waits in the queue, now. A run that is being trained is paused and saved first; if the queue
    started it, it goes back to the front of the queue."""

    kind: Literal["start_next"] = "start_next"
    entry: str = ""
    """Id of the entry; "" for the first that is not held."""


@dataclass(frozen=True, kw_only=True)
class Resume(Command[Done]):
    """Load the stored run `run` from its last checkpoint and train it."""

    kind: Literal["resume"] = "resume"
    steps: int | None = None
    """How many more steps, if the run has finished; None or 0 for its planned end."""
    switch: bool = False
    """Pause and save a run that is being trained, instead of refusing."""
    paused: bool = False
    """Only load it, so that it can be stepped and inspected."""
    accept_data: bool = False
    """Go on even if its images are not those that it was trained on."""


@dataclass(frozen=True, kw_only=True)
class Reproduce(Command[Done]):
    """Start the stored run `run` again from its record, as a new run, and train it to the last step of that run."""

    kind: Literal["reproduce"] = "reproduce"
    switch: bool = False
    """Pause and save a run that is being trained, instead of refusing."""


@dataclass(frozen=True, kw_only=True)
class Run(Command[Done]):
    """Train until the planned end, or until a condition holds."""

    kind: Literal["run"] = "run"
    steps: int | None = None
    """How many more steps, which moves the planned end there; 1 to 1,000,000,000. None or 0 for the planned end."""
    until: str | None = None
    """Condition over metric names at which to pause; None or "" for none."""


@dataclass(frozen=True, kw_only=True)
class Pause(Command[Done]):
    """Pause after the step in progress, and save a checkpoint."""

    kind: Literal["pause"] = "pause"


@dataclass(frozen=True, kw_only=True)
class Chunk(Command[Done]):
    """Train some steps, then pause."""

    kind: Literal["chunk"] = "chunk"
    steps: int
    """1 to 1,000,000,000."""


@dataclass(frozen=True, kw_only=True)
class SaveCheckpoint(Command[Done]):
    """Save a checkpoint of the current step."""

    kind: Literal["save_checkpoint"] = "save_checkpoint"


@dataclass(frozen=True, kw_only=True)
class SetLive(Command[Done]):
    """Change a live parameter from the next step on. Refused if it has changed since `version`."""

    kind: Literal["set_live"] = "set_live"
    node: str
    """Id of the node."""
    parameter: str
    """Name of its parameter."""
    value: Finite
    """In the parameter's range; a whole number if the parameter is an int."""


@dataclass(frozen=True, kw_only=True)
class NextStage(Command[Done]):
    """Do one stage of a step. Refused if anything has changed since `version`."""

    kind: Literal["next_stage"] = "next_stage"


@dataclass(frozen=True, kw_only=True)
class RunToStage(Command[Done]):
    """Do the stages up to this one, and pause there. Refused if anything has changed since `version`."""

    kind: Literal["run_to_stage"] = "run_to_stage"
    stage: int
    """Its place in the step, from 1."""


@dataclass(frozen=True, kw_only=True)
class LookAtStage(Command[StageView]):
    """Show again what a done stage of the current step made."""

    kind: Literal["look_at_stage"] = "look_at_stage"
    stage: int
    """Its place in the step, from 1."""


@dataclass(frozen=True, kw_only=True)
class FinishStep(Command[Done]):
    """Do the remaining stages of the step."""

    kind: Literal["finish_step"] = "finish_step"


@dataclass(frozen=True, kw_only=True)
class UpdateOnly(Command[Done]):
    """Do one update of one network; the step does not advance."""

    kind: Literal["update_only"] = "update_only"
    role: str
    """Role of the network that is updated."""


@dataclass(frozen=True, kw_only=True)
class Back(Command[Done]):
    """Go back to an earlier step: restore a snapshot or checkpoint and replay from there."""

    kind: Literal["back"] = "back"
    step: int
    """From the run's first step to the one before the current."""


@dataclass(frozen=True, kw_only=True)
class RunTo(Command[Done]):
    """Train up to a later step, then pause."""

    kind: Literal["run_to"] = "run_to"
    step: int
    """After the current one, at most 1,000,000,000."""


@dataclass(frozen=True, kw_only=True)
class SetWatching(Command[Done]):
    """Replace all breakpoints and watches. Refused if they have changed since `version`."""

    kind: Literal["set_watching"] = "set_watching"
    watching: Watching
    """At most 20 of each."""


@dataclass(frozen=True, kw_only=True)
class SetRewind(Command[Done]):
    """Limit the memory used for rewind."""

    kind: Literal["set_rewind"] = "set_rewind"
    mebibytes: int
    """0 to 1,048,576 MiB; with 0, Back begins at checkpoints only."""


@dataclass(frozen=True, kw_only=True)
class SetProbes(Command[Done]):
    """Measure all layers at regular intervals."""

    kind: Literal["set_probes"] = "set_probes"
    every: int
    """Steps from one measurement to the next, 1 to 1,000,000; 0 for none."""


@dataclass(frozen=True, kw_only=True)
class Profile(Command[Done]):
    """Profile the next steps, after one more to warm up: trains them and pauses, or listens to a run that trains."""

    kind: Literal["profile"] = "profile"
    steps: int
    """1 to 100."""


@dataclass(frozen=True, kw_only=True)
class LookInside(Command[InsideView]):
    """Show saliency and activations for one image. Training is not changed."""

    kind: Literal["look_inside"] = "look_inside"
    what: str = "everything"
    """"saliency" (a real and a fake image, each with the gradient of its score), "activations" (the input of the
    network `role`, then every layer of it), or "everything": both, if images are scored."""
    role: str
    """The network whose layers are shown."""
    source: str
    """The image that goes into it, if it reads images: "real" (training set), "held-out" or "fake"."""
    index: int
    """The image's place in the sample grid, from 1."""


@dataclass(frozen=True, kw_only=True)
class LookAtCodes(Command[CodesView]):
    """Encode and decode images, and show their codes in two dimensions. Training is not changed."""

    kind: Literal["look_at_codes"] = "look_at_codes"
    first: int
    """Place of the first image in its set, from 1."""
    count: int
    """How many images of each set, 1 to 64."""


@dataclass(frozen=True, kw_only=True)
class Fork(Command[Done]):
    """Start a new run of another workflow from a step of the run `run`, with every network that fits."""

    kind: Literal["fork"] = "fork"
    workflow: str
    """The fork's workflow document, as JSON text."""
    step: int | None = None
    """One that has a checkpoint; None for the current step, or the newest checkpoint of a run that is not loaded."""
    switch: bool = False
    """Pause and save another run that is being trained, instead of refusing."""


@dataclass(frozen=True, kw_only=True)
class Cancel(Command[Done]):
    """End the command in progress, if it can be cancelled. It skips the queue; both engines accept it."""

    kind: Literal["cancel"] = "cancel"


TrainingCommand = (
    Start | StartNext | Resume | Run | Pause | Chunk | SaveCheckpoint | SetLive | NextStage | RunToStage | LookAtStage
    | FinishStep | UpdateOnly | Back | RunTo | SetWatching | SetRewind | SetProbes | LookInside | LookAtCodes | Fork
    | Reproduce | Profile
)  # fmt: skip
