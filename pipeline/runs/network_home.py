"""Whether a home lies on a network file system, on which SQLite must not be shared.

SQLite's write-ahead log is coordinated through memory that all processes share, which two machines do not have, and
file locks of network file systems are often not what they say (https://sqlite.org/wal.html, "Disadvantages").
"""

from pathlib import Path

from pipeline.runs.home import database_url
from pipeline.runs.remote.job_folder import WORKER_DATABASE

MOUNTS = Path("/proc/self/mounts")
"""Linux's table of mounts: device, folder, type of file system, options; spaces in names as \\040."""

_NETWORK = {
    "9p", "afs", "beegfs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs",
    "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs",
}  # fmt: skip


def network_home_warning(home: Path, mounts: Path | None = None) -> str:
    """What to say if the home's database is a SQLite file on a network file system; "" if it is not, or if that is not
    known, as on macOS. mounts: another table than Linux's. Raises UnusableDatabaseUrl."""
    url = database_url(home)
    if url.get_backend_name() != "sqlite" or not url.database:
        return ""
    file = Path(url.database)
    kind = _file_system(file, mounts or MOUNTS)
    # That of a cluster job's worker is opened by no other machine (`remote/`).
    if kind not in _NETWORK or file.name == WORKER_DATABASE:
        return ""
    return (
        f"The database {url.database} is on a network file system ({kind}), where SQLite can lose or damage it as soon "
        "as two machines use it. Set GENSCOPE_HOME to a folder on a disk of this machine, or GENSCOPE_DATABASE_URL to "
        "a Postgres database."
    )


def _file_system(path: Path, mounts: Path) -> str:
    """The type of the file system that holds `path`, "" if it is not known."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    places = {path.resolve(), *path.resolve().parents}
    found, kind = Path(), ""
    for line in lines:
        _, folder, type_, *_ = (*line.split(" "), "", "", "")
        mounted = Path(folder.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        # Of several mounts on one folder, the last one is seen.
        if mounted in places and len(mounted.parts) >= len(found.parts):
            found, kind = mounted, type_
    return kind
