"""Checks and tests: `python3 tests/run.py [--quick | --slow | --long] [folder ...] [pytest options]`.

Python 3.11 or newer is all it needs.

    (nothing)   every check, and all tests but the slow ones
    --help      this text
    --slow      the slow tests too
    --long      these, and what takes minutes: measurements whose results stand in the README
    (all three) first in two processes, but for speeds and browsers; then these, one after the other
    --quick     installs nothing, leaves out slow tests, browsers, and tests that train a run or start a process
    data nodes  only the tests of `tests/data` and `tests/nodes`, without the checks; a file is named by its path

Without --quick it makes `.venv`, installs the versions of `.github/constraints.txt`, and finds or installs a Chromium
for the browser tests and a Postgres for those of stored runs (`tests/postgres.py`). The checks are the linter, the
formatter and the type checker. Exits with the first failure. Everything from the first other option on goes to pytest.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
REQUIREMENTS = ("-r", "requirements.txt", "-r", "tests/requirements.txt", "-c", ".github/constraints.txt")
CHECKS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))
OWN = ("--quick", "--slow", "--long")
"""This program's own options; the others are pytest's."""
POSTGRES = "GENSCOPE_TEST_POSTGRES"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Asked(NamedTuple):
    """What to run. paths: tests to run, all if empty; options: pytest's."""

    paths: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    quick: bool = False
    slow: bool = False
    long: bool = False

    @property
    def without(self) -> str:
        """The tests to leave out, as pytest's -m expression; "" if none."""
        if self.quick:
            return "not slow and not long and not browser and not engine"
        if self.long:
            return ""
        return "not long" if self.slow else "not slow and not long"


def main(words: Sequence[str]) -> None:
    if {"-h", "--help"} & set(words):
        print(__doc__)
        return
    asked = parse(words)
    python = ready_python() if asked.quick else install()
    # The tests start hundreds of processes, which import the same modules.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if not asked.quick:
        environment["GENSCOPE_CHROMIUM"] = find_or_install_chromium()
    for check in () if asked.paths else CHECKS:
        run([python, "-m", *check])
    with postgres(asked) as url:
        if url:
            environment[POSTGRES] = url
        for chosen in passes(asked):
            run([python, "-m", "pytest", *chosen, *asked.options, *asked.paths], environment)
    if asked.quick:
        print("Browsers, and tests that train a run or start a process, were left out (deselected): --quick.")
    if not asked.long:
        left_out = "Measurements of minutes" if asked.slow else "Slow tests and measurements of minutes"
        print(f"{left_out} were left out (deselected). Everything: python3 tests/run.py --long")


def passes(asked: Asked) -> list[tuple[str, ...]]:
    """The options of pytest, for one run of it or two: what compares speeds and browsers need the machine for
    themselves, all others run in two processes (`tests/scheduling.py`)."""
    if asked.quick or asked.paths or asked.options:
        return [("-m", asked.without)] if asked.without else [()]
    together, alone = "not speed and not browser", "(speed or browser)"
    if asked.without:
        together, alone = f"{together} and {asked.without}", f"{alone} and {asked.without}"
    return [("-n", "2", "-m", together), ("-m", alone)]


def parse(words: Sequence[str]) -> Asked:
    """Exits with a sentence if a folder or file is not there, an option is nearly one of OWN, or several of these are
    given."""
    quick, slow, long = (each in words for each in OWN)
    if quick + slow + long > 1:
        sys.exit("--quick leaves out what --slow and --long add: give one of them.")
    rest = [word for word in words if word not in OWN]
    for word in rest:
        if meant := word.startswith("-") and get_close_matches(word, OWN, n=1, cutoff=0.75):
            sys.exit(f"There is no option {word}: did you mean {meant[0]}?")
    first = next((number for number, word in enumerate(rest) if word.startswith("-")), len(rest))
    return Asked(tuple(map(path_of, rest[:first])), tuple(rest[first:]), quick, slow, long)


def path_of(name: str) -> str:
    """The path, from the root, of a folder of tests, or of a file or test that is named by its path already."""
    if name.rstrip("/") in folders():
        return f"tests/{name.rstrip('/')}"
    file, colons, test = name.partition("::")
    path = (ROOT / file).resolve()
    if file and path.is_relative_to(ROOT / "tests") and has_tests(path):
        return f"{path.relative_to(ROOT).as_posix()}{colons}{test}"
    sys.exit(f"There are no tests named {name!r}. Name a folder ({listed()}) or the path of a file, tests/test_….py.")


def has_tests(path: Path) -> bool:
    """Whether this is a file of tests, or a folder that holds one."""
    return any(path.rglob("test_*.py")) if path.is_dir() else path.is_file() and path.match("test_*.py")


def folders() -> list[str]:
    """The folders of tests/ that hold tests."""
    return sorted(path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and has_tests(path))


def listed() -> str:
    return ", ".join(folders())


def ready_python() -> Path:
    """The Python of `.venv`, or the one that runs this if it has what the tests need."""
    if PYTHON.exists():
        return PYTHON
    if importlib.util.find_spec("pytest") and importlib.util.find_spec("torch"):
        return Path(sys.executable)
    sys.exit("--quick installs nothing, and there is no .venv yet: run `python3 tests/run.py` once without it.")


def install() -> Path:
    """The Python of `.venv`, which is made if need be, with everything that the tests need."""
    if not PYTHON.exists():
        run([sys.executable, "-m", "venv", ".venv"])
    # Compiling all modules takes more than a minute; Python compiles those that are imported.
    run([PYTHON, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check", *REQUIREMENTS])
    return PYTHON


def find_or_install_chromium() -> str:
    """Path of a Chromium: from GENSCOPE_CHROMIUM, an installed one, Debian's package, or Playwright's download."""
    found = os.environ.get("GENSCOPE_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        return found
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        run(["apt-get", "update", "-qq"])
        run(["apt-get", "install", "-y", "-qq", "chromium", "fonts-dejavu-core"])
        return shutil.which("chromium") or sys.exit(
            "apt-get installed no chromium; set GENSCOPE_CHROMIUM to the path of a browser."
        )
    run([PYTHON, "-m", "playwright", "install", "chromium"])
    code = "from playwright.sync_api import sync_playwright as p; c = p().start(); print(c.chromium.executable_path)"
    return subprocess.check_output([PYTHON, "-c", code + "; c.stop()"], cwd=ROOT, text=True).strip()


@contextmanager
def postgres(asked: Asked) -> Iterator[str]:
    """The URL of a Postgres server for the tests of stored runs: that of the environment, or one that
    `tests/postgres.py` finds or installs, and ends with the context; "" where these tests do without."""
    wanted = not asked.paths or any(path.startswith("tests/runs") for path in asked.paths)
    if os.environ.get(POSTGRES) or asked.quick or not wanted:
        yield os.environ.get(POSTGRES, "")
        return
    command = [sys.executable, "tests/postgres.py"]
    server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        # The server ends with its standard input.
        server.stdin.close()
        server.wait()
        server.stdout.close()


def run(command: list[str | Path], environment: dict[str, str] | None = None) -> None:
    print("$", *command, flush=True)
    finished = subprocess.run([str(part) for part in command], cwd=ROOT, env=environment)
    if finished.returncode:
        sys.exit(finished.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
