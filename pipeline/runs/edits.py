"""Changes to what describes runs: names, notes, tags, and whether they are archived.

Each function changes one or many runs in one transaction, or none of them. The time `updated` stays: it is that of the
training.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from pipeline.errors.runs import UnknownRun, UnknownRuns, UnusableRunName, UnusableTag
from pipeline.runs import schema
from pipeline.runs.store import Store

LONGEST_NAME = 200
LONGEST_NOTE = 10_000
LONGEST_TAG = 60
_PART = 500
"""Runs named in one statement; databases limit the length of a list."""


def rename(store: Store, run: str, name: str) -> str:
    """Change a run's name, and return it without spaces at its ends. Raises UnknownRun, UnusableRunName, CannotWrite.

    A process that has loaded the run shows the former name until it loads it again.
    """
    tidy = name.strip()
    if not tidy:
        raise UnusableRunName("name", "a run needs one")
    if len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise UnusableRunName("name", f"a name has at most {LONGEST_NAME} visible characters, in one line")
    _update(store, [run], name=tidy)
    return tidy


def set_note(store: Store, runs: Sequence[str], note: str) -> None:
    """Replace the notes of runs; "" deletes them. Raises UnknownRun, UnusableRunName, CannotWrite."""
    tidy = note.strip()
    if len(tidy) > LONGEST_NOTE:
        raise UnusableRunName("note", f"it is longer than {LONGEST_NOTE:,} characters")
    _update(store, runs, note=tidy)


def archive(store: Store, runs: Sequence[str]) -> None:
    """Leave runs out of lists. Raises UnknownRun, CannotWrite."""
    _update(store, runs, archived=True)


def restore(store: Store, runs: Sequence[str]) -> None:
    """Show archived runs in lists again. Raises UnknownRun, CannotWrite."""
    _update(store, runs, archived=False)


def tag(store: Store, runs: Sequence[str], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    """Add tags to runs, and remove others from them; a tag that a run already has, or does not have, is passed over.

    Tags are trimmed; upper and lower case are different tags. Raises UnknownRun, UnusableTag, CannotWrite.
    """
    added, removed = [_tidy(each) for each in add], [each.strip() for each in remove]
    tags = schema.tags
    with store.database.writing() as connection:
        require_runs(connection, runs)
        for part in parts(runs):
            connection.execute(delete(tags).where(tags.c.run.in_(part), tags.c.tag.in_([*removed, *added])))
            rows = [{"run": run, "tag": each} for run in part for each in dict.fromkeys(added)]
            if rows:
                connection.execute(insert(tags), rows)


def require_runs(connection: Connection, runs: Sequence[str]) -> None:
    """Raises UnknownRun, which names them, if some of these runs do not exist."""
    known: set[str] = set()
    for part in parts(runs):
        known |= set(connection.execute(select(schema.runs.c.id).where(schema.runs.c.id.in_(part))).scalars())
    missing = [run for run in runs if run not in known]
    if missing:
        raise UnknownRun(missing[0]) if len(runs) == 1 else UnknownRuns(missing)


def parts(runs: Collection[str]) -> Iterable[list[str]]:
    """The runs in lists that are short enough for one statement."""
    unique = list(dict.fromkeys(runs))
    return (unique[start : start + _PART] for start in range(0, len(unique), _PART))


def _update(store: Store, runs: Sequence[str], **columns: Any) -> None:
    with store.database.writing() as connection:
        require_runs(connection, runs)
        for part in parts(runs):
            connection.execute(update(schema.runs).where(schema.runs.c.id.in_(part)).values(columns))


def _tidy(name: str) -> str:
    """The tag without spaces at its ends. Raises UnusableTag."""
    tidy = name.strip()
    if not 1 <= len(tidy) <= LONGEST_TAG:
        raise UnusableTag(name, f"it is longer than {LONGEST_TAG} characters" if tidy else "it is empty")
    if "," in tidy or not tidy.isprintable():
        raise UnusableTag(name, "it contains a comma" if "," in tidy else "it contains characters that cannot be seen")
    return tidy
