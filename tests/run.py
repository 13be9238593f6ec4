"""Run all checks and tests: `python3 tests/run.py [--slow] [pytest options]`; needs only Python 3.11 or newer.

Creates `.venv`, installs `requirements.txt` and `tests/requirements.txt`, finds or installs a Chromium for the browser
tests, then runs the linter, the format check, the type checker and pytest. Stops at the first failure.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
REQUIREMENTS = ["-r", "requirements.txt", "-r", "tests/requirements.txt"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(options: list[str]) -> None:
    slow = "--slow" in options
    options = [option for option in options if option != "--slow"]
    if not PYTHON.exists():
        run([sys.executable, "-m", "venv", ".venv"])
    run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS])
    environment = os.environ | {"GENSCOPE_CHROMIUM": find_or_install_chromium()}
    run([PYTHON, "-m", "ruff", "check", "."])
    run([PYTHON, "-m", "ruff", "format", "--check", "."])
    run([PYTHON, "-m", "mypy"])
    run([PYTHON, "-m", "pytest", *([] if slow else ["-m", "not slow"]), *options], environment)


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


def run(command: list[str | Path], environment: dict[str, str] | None = None) -> None:
    print("$", *command, flush=True)
    finished = subprocess.run([str(part) for part in command], cwd=ROOT, env=environment)
    if finished.returncode:
        sys.exit(finished.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
