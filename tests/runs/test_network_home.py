"""A home on a network file system is warned of: its database may be lost there."""

from pathlib import Path

import pytest

from pipeline.runs.network_home import network_home_warning

LOCAL = "/dev/vda1 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n"


def table(tmp_path: Path, *lines: str) -> Path:
    """A table of mounts, those of a machine with one disk first."""
    path = tmp_path / "mounts"
    path.write_text(LOCAL + "".join(f"{line}\n" for line in lines))
    return path


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GENSCOPE_DATABASE_URL", raising=False)


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs"])
def test_a_network_file_system_is_named_with_what_to_do(tmp_path: Path, kind: str) -> None:
    home = tmp_path / "team" / "genscope"
    said = network_home_warning(home, table(tmp_path, f"server:/export {tmp_path}/team {kind} rw 0 0"))
    assert said.startswith(
        f"The database {home}/genscope.sqlite is on a network file system ({kind}), where SQLite can"
    )
    assert "Set GENSCOPE_HOME to a folder on a disk of this machine, or GENSCOPE_DATABASE_URL to a Postgres" in said


def test_the_innermost_mount_counts_and_of_two_on_one_folder_the_last(tmp_path: Path) -> None:
    home, escaped = tmp_path / "a folder" / "home", f"{tmp_path}/a\\040folder"
    network, local = f"server:/x {escaped} nfs4 rw 0 0", f"/dev/vdb1 {escaped} ext4 rw 0 0"
    assert "(nfs4)" in network_home_warning(home, table(tmp_path, network))
    assert network_home_warning(home, table(tmp_path, network, local)) == ""
    assert network_home_warning(home, table(tmp_path, network, f"/dev/vdb1 {escaped}/home ext4 rw 0 0")) == ""


def test_a_name_that_only_begins_like_a_mount_is_not_in_it(tmp_path: Path) -> None:
    mounts = table(tmp_path, f"server:/export {tmp_path}/team nfs4 rw 0 0")
    assert network_home_warning(tmp_path / "team-of-two", mounts) == ""


def test_no_table_and_another_database_mean_no_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert network_home_warning(tmp_path, tmp_path / "no such table") == ""
    monkeypatch.setenv("GENSCOPE_DATABASE_URL", "postgresql://db.example/genscope")
    assert network_home_warning(tmp_path, table(tmp_path, f"server:/export {tmp_path} nfs4 rw 0 0")) == ""


def test_the_database_of_a_cluster_job_which_no_other_machine_opens_is_not_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENSCOPE_DATABASE_URL", f"sqlite:///{tmp_path}/jobs/nightly/worker.sqlite")
    assert network_home_warning(tmp_path, table(tmp_path, f"server:/export {tmp_path} nfs4 rw 0 0")) == ""
