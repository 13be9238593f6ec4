"""The evaluations of a run as files: `runs/<id>/evaluations/step-000001400-<key>.json`, and what was seen beside each.

An evaluation measures one checkpoint in one way: with these weights, this seed, this number of images, this set and
these features. Its key is a hash of that way, so that measuring further metrics in the same way adds to it. Damaged
files are ignored: their metrics are measured again.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pipeline.runs.atomic_files import write_atomically
from pipeline.runs.files import RunFiles

Setting = int | float | str
FOLDER = "evaluations"
"""In that of the run."""


@dataclass(frozen=True)
class Result:
    """What a metric measured.

    value: None if it has none; then `reason` says why, in a sentence. low, high: ends of the 95 % interval. floor: the
    value for real images in place of generated ones. generated, real: how many images of each kind were compared.
    details: further numbers by name.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    generated: int = 0
    real: int = 0
    reason: str = ""
    details: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    """How long it took, with its floor."""


@dataclass(frozen=True)
class Way:
    """How a checkpoint is measured. Only evaluations of the same way can be compared.

    count: generated images. data: the set that they are compared with. content: a hash of its images. features: name
    of the network that describes images; digest: of its weights. resize: how images become its input. settings: of the
    sampler, where they differ from the run's own.
    """

    weights: str
    seed: int
    count: int
    data: str
    content: str
    features: str
    digest: str
    resize: str
    accuracy: float | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Equal for equal ways."""
        text = json.dumps(asdict(self), sort_keys=True)
        return blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Evaluation:
    """How good the images of one checkpoint are.

    held_out, training: how many real images of each kind were there. own: whether the set is the run's own. results: by
    name of the metric. checkpoint: a hash of the checkpoint, which tells another one of the same step apart. at: when
    it was last added to, in seconds since 1970. version: of the program.
    """

    run: str
    step: int
    way: Way
    held_out: int
    training: int
    own: bool
    results: Mapping[str, Result]
    remarks: tuple[str, ...] = ()
    checkpoint: str = ""
    at: float = 0.0
    version: str = ""

    def only(self, names: Collection[str]) -> "Evaluation":
        """With the results of these metrics alone; with all if none are named."""
        return replace(self, results={name: each for name, each in self.results.items() if not names or name in names})

    def with_results(self, more: Mapping[str, Result], at: float) -> "Evaluation":
        """With these results too; a new one replaces an older one of the same name."""
        return replace(self, results={**self.results, **more}, at=at)


def save(files: RunFiles, evaluation: Evaluation) -> Path:
    """Save an evaluation, replacing one of the same step and way. Raises UnknownRun if the run was deleted meanwhile,
    CannotWrite."""
    files.part(FOLDER)
    path = _path(files, evaluation.step, evaluation.way, ".json")
    write_atomically(path, json.dumps(asdict(evaluation), allow_nan=False).encode())
    return path


def load(files: RunFiles, step: int, way: Way) -> Evaluation | None:
    """The evaluation of a step in one way; None if there is none."""
    return _read(_path(files, step, way, ".json"))


def load_all(files: RunFiles) -> list[Evaluation]:
    """All evaluations of a run, by step, the newest of a step last."""
    found = [_read(path) for path in folder_of(files).glob("step-*.json")]
    return sorted((each for each in found if each is not None), key=lambda each: (each.step, each.at))


def folder_of(files: RunFiles) -> Path:
    return files.folder / FOLDER


def _path(files: RunFiles, step: int, way: Way, ending: str) -> Path:
    return folder_of(files) / f"step-{step:09d}-{way.key}{ending}"


def _read(path: Path) -> Evaluation | None:
    try:
        return _evaluation(json.loads(path.read_bytes()))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _evaluation(facts: Mapping[str, Any]) -> Evaluation:
    """Raises TypeError or LookupError for facts that are no evaluation. Facts of a later version are left out."""
    results = {str(name): Result(**_known(Result, each)) for name, each in facts["results"].items()}
    way = Way(**_known(Way, facts["way"]))
    return Evaluation(
        **{**_known(Evaluation, facts), "way": way, "results": results, "remarks": tuple(facts.get("remarks", ()))}
    )


def _known(kind: type[Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in facts.items() if name in names}
