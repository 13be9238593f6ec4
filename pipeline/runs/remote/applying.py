"""Applies a change that a worker has recorded to the home's database, by the functions that recorded it there."""

from dataclasses import replace
from functools import cache
from typing import get_type_hints

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import Connection, select, update

from pipeline.runs import schema
from pipeline.runs.block_rows import find_series
from pipeline.runs.blocks import floats_from
from pipeline.runs.deletion import delete_rows
from pipeline.runs.ids import is_run_id
from pipeline.runs.metrics import append_in, truncate_in
from pipeline.runs.point_series import record_in, replace_rows
from pipeline.runs.points import points_from
from pipeline.runs.records import RunChanges, RunRecord
from pipeline.runs.remote.changes import (
    Appended,
    Change,
    Changed,
    Converted,
    Created,
    Discarded,
    Happened,
    Measured,
    Truncated,
)
from pipeline.runs.store import change as change_record
from pipeline.runs.store import insert_event, insert_run

_LATEST = 2**53
"""Steps from here on are none that anybody has trained, and too large for the arithmetic of blocks."""


class Misfit(Exception):
    """A change that no worker of this program makes; its text is a clause."""


def exists(connection: Connection, run: str) -> bool:
    return connection.execute(select(schema.runs.c.id).where(schema.runs.c.id == run)).one_or_none() is not None


def apply(connection: Connection, change: Change) -> bool:
    """Apply a change in a write transaction; return False, with nothing changed, if the home does not have its run, or
    already has the run that it creates. Raises Misfit."""
    known = exists(connection, change.run)
    if isinstance(change, Created):
        if not is_run_id(change.run):
            raise Misfit(f"it creates a run named {change.run[:40]!r}, which is no id of a run")
        if not known:
            insert_run(connection, _with_known_parent(connection, change.record))
        return not known
    if known:
        _apply(connection, change)
    return known


def _apply(connection: Connection, change: Change) -> None:
    match change:
        case Changed():
            change_record(connection, change.run, _checked(change), change.updated)
        case Happened():
            insert_event(connection, change.run, change.event)
        case Appended():
            columns = len(change.names)
            if not columns or len(change.values) % (4 * columns) or not 1 <= change.first_step < _LATEST:
                raise Misfit("its values do not fit their series")
            table = floats_from(change.values).reshape(-1, columns)
            append_in(connection, change.run, change.first_step, change.names, table)
        case Truncated():
            truncate_in(connection, change.run, change.after_step)
        case Measured():
            record_in(connection, change.run, change.step, change.values)
        case Converted():
            if any(len(steps) % 8 or 2 * len(values) != len(steps) for steps, values in change.points.values()):
                raise Misfit("its measurements do not fit their steps")
            points = {name: points_from(*raw) for name, raw in change.points.items()}
            if not points.keys() <= find_series(connection, change.run).keys():
                raise Misfit("it converts series that the run does not have")
            if any((np.diff(each.steps) <= 0).any() for each in points.values()):
                raise Misfit("its measurements are not in order")
            replace_rows(connection, change.run, change.names, points)
        case Discarded():
            connection.execute(update(schema.queue).where(schema.queue.c.run == change.run).values(run=None))
            delete_rows(connection, change.run)


def _with_known_parent(connection: Connection, record: RunRecord) -> RunRecord:
    """The record, without a parent that was deleted meanwhile; the step of the fork stays, as for other forks."""
    lost = record.parent is not None and not exists(connection, record.parent)
    return replace(record, parent=None) if lost else record


def _checked(change: Changed) -> RunChanges:
    """Raises Misfit."""
    checked = RunChanges()
    for name, value in change.changes.items():
        if name not in _fields():
            raise Misfit(f"runs have no field {name[:40]!r} that changes")
        try:
            checked[name] = _fields()[name].validate_python(value)  # type: ignore[literal-required]
        except ValueError:
            raise Misfit(f"the field {name} has a value of another kind") from None
    return checked


@cache
def _fields() -> dict[str, TypeAdapter[object]]:
    return {name: TypeAdapter(hint) for name, hint in get_type_hints(RunChanges).items()}
