"""A process that is killed while it imports a bundle leaves a home in which nothing is visible of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors.runs import UnknownRun
from pipeline.runs.bundles.importing import import_bundle
from pipeline.runs.bundles.writing import write_bundle
from pipeline.runs.store import RunRecord, Store
from tests.runs.bundles.conftest import rows
from tests.runs.databases import SQLITE

DATABASES = SQLITE

KILLED = """
import os, sys
from pathlib import Path
from pipeline.runs.bundles import importing
from pipeline.runs.store import Store

moment, home, bundle = sys.argv[1:]
before = getattr(importing, moment)
def killed(*arguments, **named):
    before(*arguments, **named)
    os._exit(9)
setattr(importing, moment, killed)
importing.import_bundle(Store(Path(home), f"sqlite:///{home}/genscope.sqlite"), Path(bundle), "")
"""


@pytest.mark.parametrize("moment", ["_unpack", "_insert", "_move"])
def test_a_killed_import_shows_nothing_and_the_next_one_succeeds(
    moment: str, tmp_path: Path, store: Store, other: Store, run: RunRecord
):
    """moment: after the files are written; after the rows are added; after the folder is renamed, before the commit."""
    write_bundle(store, [run.id], tmp_path / "run.zip")
    command = [sys.executable, "-c", KILLED, moment, str(other.home), str(tmp_path / "run.zip")]
    finished = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=120)
    assert finished.returncode == 9, finished.stderr
    assert rows(other)["runs"] == [] and other.recent() == []
    with pytest.raises(UnknownRun):
        other.run(run.id)
    import_bundle(other, tmp_path / "run.zip", "")
    assert other.run(run.id) == run
