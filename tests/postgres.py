"""A Postgres server for the tests, in a temporary folder: `python3 tests/postgres.py`.

    GENSCOPE_TEST_POSTGRES="postgresql:///postgres?user=postgres&host=/tmp/…" python -m pytest tests/runs

Prints such a URL and serves until its standard input ends (Ctrl+D). It listens on a Unix socket only, and writes
nothing for good. Without a Postgres it installs Debian's, where it may; or says in a line on standard error why there
is none, and ends with exit code 1. Python 3.11 or newer is all that it needs.
"""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"
LOCKED = "locked_out"
"""A user whom the server asks for a password; all others come in without."""
MAIN_SERVER = Path("/etc/postgresql-common/createcluster.conf")
"""Debian's settings, of which one says that installing Postgres also makes and starts a server."""
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


class NoPostgresError(Exception):
    """There is no server, and none can be installed; its text is a sentence."""


def main() -> None:
    try:
        with serving() as url:
            print(url, flush=True)
            sys.stdin.read()
    except NoPostgresError as error:
        sys.exit(f"{error} So the tests of runs in a Postgres database did not run.")
    except KeyboardInterrupt:
        pass


@contextmanager
def serving() -> Iterator[str]:
    """The URL of a new server, which ends with the context. Raises NoPostgresError."""
    programs = find_or_install()
    # The path of a socket is limited to about 100 bytes.
    folder = Path(tempfile.mkdtemp(prefix="genscope-postgres-", dir="/tmp"))
    try:
        if is_root():
            shutil.chown(folder, USER)
        data = folder / "data"
        make_cluster(programs, data)
        settings = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in _SETTINGS.items())
        options = f"{settings} -c unix_socket_directories={folder}"
        control: list[str | Path] = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        call([*control, "-o", options, "start"])
        try:
            folder.chmod(0o755)
            yield f"postgresql:///postgres?user={USER}&host={folder}"
        finally:
            call([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_cluster(programs: Path, data: Path) -> None:
    """Make the folder of a server whose texts are ordered as a dictionary orders them, where Postgres can do so: what
    must not depend on the order of a language is then seen."""
    helped = subprocess.run([programs / "initdb", "--help"], capture_output=True, text=True).stdout
    order = ["--locale-provider=icu", "--icu-locale=en-US"] if "--icu-locale" in helped else []
    user = ["-U", USER, "-A", "trust"]
    call([programs / "initdb", "-D", data, *user, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", *order])
    access = data / "pg_hba.conf"
    access.write_text(f"local all {LOCKED} scram-sha-256\nlocal all all trust\n", encoding="utf-8")


def find_or_install() -> Path:
    """The folder of Postgres' programs. Raises NoPostgresError."""
    found = find()
    if found is None and shutil.which("apt-get") and is_root():
        install()
        found = find()
    if found is None:
        raise NoPostgresError("There is no Postgres on this machine, and only root on Debian can install one here.")
    if is_root() and not (shutil.which("runuser") and any(user.pw_name == USER for user in pwd.getpwall())):
        raise NoPostgresError(f"Postgres does not run as root, and there is no runuser, or no user {USER}.")
    return found


def install() -> None:
    """Install Debian's Postgres, as root, without the server that it would start for everybody on a TCP port."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in ("update", "install -y --no-install-recommends postgresql-common", "install -y postgresql"):
        command = ["apt-get", "-qq", *words.split()]
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
        if MAIN_SERVER.exists():
            settings = MAIN_SERVER.read_text(encoding="utf-8")
            none = re.sub(r"(?m)^#?\s*create_main_cluster\s*=.*$", "create_main_cluster = false", settings)
            MAIN_SERVER.write_text(none, encoding="utf-8")


def find() -> Path | None:
    """The folder of Postgres' programs: Debian leaves them out of PATH."""
    on_path = shutil.which("initdb")
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    folders = [Path(on_path).resolve().parent] if on_path else []
    return next((each for each in [*folders, *reversed(versions)] if (each / "pg_ctl").exists()), None)


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def call(command: Sequence[str | Path]) -> None:
    """Run a program of Postgres, which refuses to run as root. Raises NoPostgresError."""
    user = ["runuser", "-u", USER, "--"] if is_root() else []
    done = subprocess.run(
        [*user, *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/"
    )
    if done.returncode:
        said = next(iter((done.stderr or done.stdout).strip().splitlines()[-1:]), "it says nothing")
        raise NoPostgresError(f"Postgres could not be used here: {said}")


if __name__ == "__main__":
    main()
