"""Paths from the environment, and the messages for folders that cannot be written."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pipeline.errors.machine import CannotWrite, UnusableDatabaseUrl
from pipeline.runs.atomic_files import os_errors_as_refusals
from pipeline.runs.home import database_url, home


def test_the_home_is_made_for_this_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "deep" / "home"))
    assert home() == tmp_path / "deep" / "home"
    assert stat.S_IMODE(home().stat().st_mode) == 0o700


def test_the_default_home_is_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GENSCOPE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert home() == tmp_path / ".genscope"


def test_a_file_in_place_of_the_home_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "taken"))
    with pytest.raises(CannotWrite, match=r"taken cannot be written: it is not a folder\. Set GENSCOPE_HOME to"):
        home()
    assert (tmp_path / "taken").read_text() == ""


def test_a_home_inside_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "taken" / "a" / "home"))
    with pytest.raises(CannotWrite, match=r"home cannot be written: .*/taken is not a folder\. Set GENSCOPE_HOME"):
        home()


def test_a_home_that_is_a_link_to_nowhere_is_refused_without_asking_for_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "link").symlink_to(tmp_path / "gone" / "home")
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "link"))
    with pytest.raises(CannotWrite, match=r"file exists\. Choose a folder"):
        home()


def test_a_full_disk_asks_for_space(tmp_path: Path):
    with (
        pytest.raises(CannotWrite, match=r"device\. Free some space"),
        os_errors_as_refusals(tmp_path),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


READ_ONLY = """
import os
from pipeline.errors.machine import CannotWrite
from pipeline.runs.home import home
if os.geteuid() == 0:
    os.setuid(65534)  # no mode stops root
try:
    home()
except CannotWrite as error:
    print(error)
"""


def test_a_read_only_home_is_refused(monkeypatch: pytest.MonkeyPatch):
    # Not in tmp_path: another user may not enter its parents.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        monkeypatch.setenv("GENSCOPE_HOME", folder)
        told = subprocess.run([sys.executable, "-c", READ_ONLY], capture_output=True, text=True, check=True).stdout
    assert told.startswith(f"{folder} cannot be written: the folder is read-only for this user.")


def test_runs_are_stored_in_sqlite_unless_another_database_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GENSCOPE_DATABASE_URL", raising=False)
    assert database_url(tmp_path / "with ?, % and #").database == str(tmp_path / "with ?, % and #" / "genscope.sqlite")
    monkeypatch.setenv("GENSCOPE_DATABASE_URL", "postgresql://team@db.example/genscope")
    assert database_url(tmp_path).get_backend_name() == "postgresql"


def test_an_invalid_database_url_is_refused_without_repeating_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GENSCOPE_DATABASE_URL", "my secret words")
    with pytest.raises(UnusableDatabaseUrl, match="it is not a database URL") as refused:
        database_url(tmp_path)
    assert "secret" not in str(refused.value)
