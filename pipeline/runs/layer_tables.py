"""Cache of layer tables measured on built networks: one file each, `layers/<key>.json` in the home.

The content of the files is text that this module does not interpret. A missing table is simply measured again, so the
oldest files are deleted.
"""

from pathlib import Path

from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, write_atomically

MOST = 300
"""Maximum number of files."""


def load(home: Path, key: str) -> str | None:
    """The text stored under this key; None if it is missing or unreadable."""
    try:
        return _path(home, key).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def save(home: Path, key: str, text: str) -> None:
    """Store the text under this key, replacing any other, atomically. Raises CannotWrite."""
    path = _path(home, key)
    make_folder(path.parent)
    write_atomically(path, text.encode())
    _thin(path.parent)


def _thin(folder: Path) -> None:
    """Delete the files that were written longest ago."""
    ages = []
    for path in folder.glob("*.json"):
        try:
            ages.append((path.stat().st_mtime_ns, path))
        except OSError:
            # Deleted by another process since the folder was listed.
            continue
    with os_errors_as_refusals(folder):
        for _, path in sorted(ages)[:-MOST]:
            path.unlink(missing_ok=True)


def _path(home: Path, key: str) -> Path:
    return home / "layers" / f"{key}.json"
