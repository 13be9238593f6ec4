"""The project's own text files, found without git: the tests also run where there is none."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("pages", "pipeline", "tests", ".github")


def source_texts(*suffixes: str) -> Iterator[tuple[Path, str]]:
    """Yield the path and the text of every file with one of these suffixes. Caches are left out."""
    paths = [*ROOT.glob("*"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    for path in sorted(paths):
        hidden = any(part.startswith(".") for part in path.relative_to(ROOT).parts[1:-1])
        if path.suffix in suffixes and path.is_file() and not hidden:
            yield path, path.read_text(encoding="utf-8")
