"""Drafts: workflows that are being edited, one file each, `drafts/<id>.json` in the home.

A file is `{"format_version": 1, "version": 7, "name": ..., "who": ..., "edits": 3, "saved": false, "content": ...}`.
`version` counts the writes. Whoever writes says which version the change is of, so that of two browsers with the same
draft the second cannot replace what the first one wrote. This module does not interpret the content;
`pipeline/studio/drafts.py` does.
"""

import fcntl
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.errors.workflow import DraftChanged, UnknownDraft, UnreadableDraft
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, write_atomically

FORMAT_VERSION = 1
MOST_DRAFTS = 100
"""Drafts in one home. A further one replaces the oldest draft that was saved as it is, else the oldest one."""
LARGEST_DRAFT = 4_000_000
"""Maximum size of a draft, in bytes."""

_DRAFT_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class DraftRecord:
    """What the list of drafts says of one.

    version: number of writes; 0 before the first. edits: number of edits since the workflow was opened or saved.
    saved: whether all of it is saved elsewhere. changed: seconds since 1970.
    """

    id: str
    version: int = 0
    name: str = ""
    who: str = ""
    edits: int = 0
    saved: bool = False
    changed: float = 0.0


def new_draft_id() -> str:
    """Twelve random hexadecimal digits."""
    return secrets.token_hex(6)


def write(home: Path, record: DraftRecord, content: str) -> DraftRecord:
    """Write a draft, and return its record with the new version. record: its version is the one that was edited.
    content: what to keep, as JSON.

    Raises DraftChanged if the file has another version by now, CannotWrite. A draft that was deleted is written again.
    """
    path = _path(home, record.id)
    head = {
        "format_version": FORMAT_VERSION,
        "version": record.version + 1,
        "name": record.name,
        "who": record.who,
        "edits": record.edits,
        "saved": record.saved,
    }
    text = f'{json.dumps(head)[:-1]}, "content": {content}}}\n'
    make_folder(path.parent)
    with _locked(path.parent):
        found = _record_of(path)
        if found is not None and found.version != record.version:
            raise DraftChanged(record.name)
        if found is None:
            _make_room(home)
        write_atomically(path, text.encode())
        return replace(record, version=record.version + 1, changed=path.stat().st_mtime)


def read(home: Path, draft_id: str) -> tuple[DraftRecord, Any]:
    """The record and the content of a draft. Raises UnknownDraft, UnreadableDraft."""
    path = _path(home, draft_id)
    try:
        record, document = _parse(path)
    except FileNotFoundError as error:
        raise UnknownDraft(draft_id) from error
    except (ValueError, TypeError, KeyError, RecursionError, OSError) as error:
        raise UnreadableDraft(draft_id) from error
    return record, document["content"]


def find(home: Path, draft_id: str) -> DraftRecord | None:
    """The record of a draft; None if there is none with this id, or if it is damaged."""
    try:
        return _record_of(_path(home, draft_id))
    except UnknownDraft:
        return None


def drafts(home: Path) -> tuple[list[DraftRecord], list[str]]:
    """Every draft, the last changed first; and the ids of damaged files, which are left alone."""
    found, damaged = [], []
    for path in _paths(home):
        if record := _record_of(path):
            found.append(record)
        elif path.exists():
            damaged.append(path.stem)
    return sorted(found, key=lambda record: (-record.changed, record.id)), sorted(damaged)


def mentioning(home: Path, *texts: str) -> list[str]:
    """The ids of the drafts whose file contains one of the texts, as JSON writes them."""
    found = []
    for path in _paths(home):
        with suppress(OSError):
            content = path.read_text(encoding="utf-8", errors="replace")
            if any(text in content for text in texts):
                found.append(path.stem)
    return found


def delete(home: Path, draft_id: str) -> bytes:
    """Delete a draft and return its file's content, for `restore`. Raises UnknownDraft, CannotWrite."""
    path = _path(home, draft_id)
    with os_errors_as_refusals(path):
        try:
            content = path.read_bytes()
            path.unlink()
        except FileNotFoundError as error:
            raise UnknownDraft(draft_id) from error
    return content


def restore(home: Path, draft_id: str, content: bytes) -> None:
    """Undo `delete`, unless the draft was written again since. Raises UnknownDraft, CannotWrite."""
    path = _path(home, draft_id)
    make_folder(path.parent)
    with _locked(path.parent):
        if not path.exists():
            write_atomically(path, content)


def _paths(home: Path) -> list[Path]:
    return [path for path in (home / "drafts").glob("*.json") if _DRAFT_ID.fullmatch(path.stem)]


def _path(home: Path, draft_id: str) -> Path:
    if not _DRAFT_ID.fullmatch(draft_id):
        raise UnknownDraft(draft_id)
    return home / "drafts" / f"{draft_id}.json"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process and thread at a time compare versions and write."""
    lock = folder / ".lock"
    with os_errors_as_refusals(lock), lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_room(home: Path) -> None:
    """Delete drafts until there is room for one more: first those that are saved elsewhere, the oldest first."""
    found, _ = drafts(home)
    if len(found) >= MOST_DRAFTS:
        by_worth = sorted(found, key=lambda record: (not record.saved, record.changed))
        for record in by_worth[: len(found) - MOST_DRAFTS + 1]:
            _path(home, record.id).unlink(missing_ok=True)


def _record_of(path: Path) -> DraftRecord | None:
    """The record of a file, read again only after it has changed; None if it is missing or damaged."""
    try:
        facts = path.stat()
        return _record_at(path, facts.st_mtime_ns, facts.st_size, facts.st_ino)
    except (ValueError, TypeError, KeyError, RecursionError, OSError):
        return None


@lru_cache(maxsize=4 * MOST_DRAFTS)
def _record_at(path: Path, _changed: int, _size: int, _file: int) -> DraftRecord:
    return _parse(path)[0]


def _parse(path: Path) -> tuple[DraftRecord, dict[str, Any]]:
    facts = path.stat()
    if facts.st_size > 2 * LARGEST_DRAFT:
        raise ValueError("too large")
    document = json.loads(path.read_bytes())
    if document["format_version"] != FORMAT_VERSION or "content" not in document:
        raise ValueError("of another version")
    record = DraftRecord(
        path.stem,
        int(document["version"]),
        str(document["name"]),
        str(document["who"]),
        int(document["edits"]),
        document["saved"] is True,
        facts.st_mtime,
    )
    return record, document
