"""The layers of networks, read off the built networks once: one file each, `layers/<key>.json` in the home.

A file is text to this module, and one that goes missing is only read off anew; so the oldest are let go.
"""

from pathlib import Path

from pipeline.runs.atomic_files import make_folder, refusals_as_sentences, write_whole

MOST = 300
"""Files that are kept."""


def load(home: Path, key: str) -> str | None:
    """The text kept under this key; None where there is none that can be read."""
    try:
        return _path(home, key).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def save(home: Path, key: str, text: str) -> None:
    """Keeps the text under this key, in place of what is there, whole or not at all. Raises CannotWrite."""
    path = _path(home, key)
    make_folder(path.parent)
    write_whole(path, text.encode())
    _thin(path.parent)


def _thin(folder: Path) -> None:
    """Lets the files go that were written longest ago."""
    ages = []
    for path in folder.glob("*.json"):
        try:
            ages.append((path.stat().st_mtime_ns, path))
        except OSError:
            # Let go by another process since the folder was listed.
            continue
    with refusals_as_sentences(folder):
        for _, path in sorted(ages)[:-MOST]:
            path.unlink(missing_ok=True)


def _path(home: Path, key: str) -> Path:
    return home / "layers" / f"{key}.json"
