"""Keeps the findings on sources that have been read in `home/data`, so that checks of a workflow, which read no image,
say the same as training.

They are as current as a survey: a file that is added, removed or renamed makes them unknown; a picture whose bytes
alone are replaced is noticed when the source is read.
"""

import json
import tempfile
from contextlib import suppress
from pathlib import Path

from pipeline.data.files.read_images import ReadImages
from pipeline.data.files.source import ImageSource, digest, stamp
from pipeline.data.files.source_cache import read_cached
from pipeline.data.files.survey import fingerprint
from pipeline.data.findings import Findings, of_read
from pipeline.data.fitting import Preparation
from pipeline.data.large.choosing import AUTOMATIC, Decoding
from pipeline.data.progress import ReadProgress
from pipeline.errors.data import UnusableSource

KEPT = 200
"""Maximum number of files."""

PREFIX = "findings-"


def read_with_findings(
    opened: ImageSource,
    source: str,
    home: Path,
    preparation: Preparation,
    held_out: float,
    progress: ReadProgress,
    decoding: Decoding = AUTOMATIC,
) -> tuple[ReadImages, Findings]:
    """The images of an opened source, split, and what was found, which is kept. source: as its user named it; decoding:
    as its user chose it. Raises like `read`."""
    images = read_cached(opened, preparation, home / "data", progress).split(held_out)
    findings = of_read(images)
    keep_findings(findings, source, home, preparation, held_out, decoding)
    return images, findings


def keep_findings(
    findings: Findings,
    source: str,
    home: Path,
    preparation: Preparation,
    held_out: float,
    decoding: Decoding = AUTOMATIC,
) -> None:
    """Keep what was found when this source was read. held_out: the share to hold out if the source has no split.
    decoding: as its user chose it, since it is part of what they say."""
    # They only save a reading: neither a full disk nor a source that has just gone may prevent training.
    with suppress(OSError, UnusableSource):
        file = _file(source, home, preparation, held_out, decoding)
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            beside = Path(folder) / file.name
            beside.write_text(json.dumps(findings.as_dict()), encoding="utf-8")
            beside.replace(file)
        files = sorted(file.parent.glob(f"{PREFIX}*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
        for old in files[KEPT:]:
            old.unlink(missing_ok=True)


def kept_findings(
    source: str, home: Path, preparation: Preparation, held_out: float, decoding: Decoding
) -> Findings | None:
    """What was found when this source was read last; None if it has not been read since it changed. Raises
    UnusableSource."""
    file = _file(source, home, preparation, held_out, decoding)
    try:
        return Findings.from_dict(json.loads(file.read_bytes()))
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def findings_version(source: str, home: Path, preparation: Preparation, held_out: float, decoding: Decoding) -> str:
    """A string that changes when the survey or the findings may have changed. Raises UnusableSource."""
    return digest(repr(stamp(_file(source, home, preparation, held_out, decoding))))


def _file(source: str, home: Path, preparation: Preparation, held_out: float, decoding: Decoding) -> Path:
    facts = (fingerprint(source, home, preparation.rules), preparation, held_out, decoding)
    return home / "data" / f"{PREFIX}{digest(repr(facts))[:32]}.json"
