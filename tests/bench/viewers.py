"""Browsers without a renderer, in a process of their own.

    python -m tests.bench.viewers SERVER PAGE

Opens as many sessions as a line on its standard input asks for, or closes those that are too many, and answers each
line with one of its own: how often each session has seen a part of its page drawn, as JSON, once all have seen their
page. Ends with its input.
"""

import contextlib
import json
import os
import sys
import time
from pathlib import Path

from tests.bench.session import Session

PATIENT_SECONDS = 90.0
AUTOGROUP = Path("/proc/self/autogroup")


def main(server: str, page: str) -> None:
    _step_back()
    sessions: list[Session] = []
    with contextlib.ExitStack() as open_ones:
        for line in sys.stdin:
            count = int(line)
            while len(sessions) > count:
                sessions.pop().__exit__(None, None, None)
            while len(sessions) < count:
                sessions.append(Session(server, page).__enter__())
                # Colleagues do not all come at once; their polls would stay in step.
                time.sleep(0.2)
            deadline = time.monotonic() + PATIENT_SECONDS
            while not all(session.finished for session in sessions) and time.monotonic() < deadline:
                time.sleep(0.05)
            print(json.dumps([session.finished for session in sessions]), flush=True)
        open_ones.callback(lambda: [session.__exit__(None, None, None) for session in sessions])


def _step_back() -> None:
    """Take only time that no one else wants: a colleague's browser runs on the colleague's machine."""
    os.nice(19)
    # Linux shares its time out by session; a nice value counts within one only.
    with contextlib.suppress(OSError):
        AUTOGROUP.write_text("19")


if __name__ == "__main__":
    main(*sys.argv[1:])
