"""What a worker records of runs, as typed messages to the home. Times are seconds since 1970.

Whatever changes the rows of a run calls `note` in the same transaction. That does nothing but in a worker's database
(`outbox.py`), which sends what was noted. No message holds an id that a database has given: series are named, and an
event is given its id where it arrives.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter
from sqlalchemy import Connection

from pipeline.runs.points import Points
from pipeline.runs.records import Event, RunRecord

# Numbers that JSON does not know are written as NaN and Infinity, as Python's own `json` does.
_CONFIG = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="constants", extra="forbid")
_NOTED = "genscope_noted_changes"


@dataclass(frozen=True)
class Created:
    """A new run."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    record: RunRecord
    kind: Literal["created"] = "created"

    @property
    def run(self) -> str:
        return self.record.id


@dataclass(frozen=True)
class Changed:
    """New values of some fields of a run's record (`RunChanges`), and of its time `updated`."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    run: str
    changes: Mapping[str, Any]
    updated: float
    kind: Literal["changed"] = "changed"


@dataclass(frozen=True)
class Happened:
    """An event of a run."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    run: str
    event: Event
    kind: Literal["happened"] = "happened"


@dataclass(frozen=True)
class Appended:
    """Values of consecutive steps: what was recorded from `first_step` on is replaced (`metrics.append`). values:
    (steps, names) little-endian float32."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    run: str
    first_step: int
    names: tuple[str, ...]
    values: bytes
    kind: Literal["appended"] = "appended"


@dataclass(frozen=True)
class Truncated:
    """Everything recorded after a step was deleted (`metrics.truncate`)."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    run: str
    after_step: int
    kind: Literal["truncated"] = "truncated"


@dataclass(frozen=True)
class Measured:
    """Values measured after a step (`point_series.record`)."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    run: str
    step: int
    values: Mapping[str, float]
    kind: Literal["measured"] = "measured"


@dataclass(frozen=True)
class Converted:
    """Rows of an old run that became points (`point_series.convert`). names: of the series whose rows are deleted.
    points: of each series, steps (n,) as little-endian int64 and values (n,) as little-endian float32."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    run: str
    names: tuple[str, ...]
    points: Mapping[str, tuple[bytes, bytes]]
    kind: Literal["converted"] = "converted"

    @classmethod
    def of(cls, run: str, names: Collection[str], points: Mapping[str, Points]) -> Self:
        return cls(run, tuple(names), {name: _as_bytes(each) for name, each in points.items()})


@dataclass(frozen=True)
class Discarded:
    """A run that was refused before its first step, with all its rows (`discarding.py`)."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG
    run: str
    kind: Literal["discarded"] = "discarded"


Change = Created | Changed | Happened | Appended | Truncated | Measured | Converted | Discarded


def _as_bytes(points: Points) -> tuple[bytes, bytes]:
    return points.steps.astype("<i8").tobytes(), points.values.astype("<f4").tobytes()


def note(connection: Connection, change: Change) -> None:
    """Have a change sent to the home, if this is a write transaction of a worker's database."""
    noted = connection.info.get(_NOTED)
    if noted is not None:
        noted.append(change)


def begin_noting(connection: Connection) -> list[Change]:
    """A list that is filled by `note` until `end_noting`."""
    noted: list[Change] = []
    connection.info[_NOTED] = noted
    return noted


def end_noting(connection: Connection) -> None:
    """Connections are used again, perhaps to read."""
    connection.info.pop(_NOTED, None)


def as_json(changes: Sequence[Change]) -> bytes:
    """One line of JSON."""
    return _adapter().dump_json(list(changes))


def from_json(text: bytes) -> list[Change]:
    """The inverse of `as_json`. Raises ValueError (pydantic's ValidationError) for anything else."""
    return _adapter().validate_json(text, strict=True)


@cache
def _adapter() -> TypeAdapter[list[Change]]:
    # Built when it is first needed: most processes never record remotely.
    return TypeAdapter(list[Annotated[Change, Field(discriminator="kind")]], config=_CONFIG)
