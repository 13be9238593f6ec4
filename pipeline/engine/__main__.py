"""`python -m pipeline.engine train|draw|evaluate FOLDER`: run one engine for a server, which has started this process.

It reads its key as one line of JSON from standard input. FOLDER: the working directory of the server. Under torchrun,
the first process is the engine, and the others follow it; `python -m pipeline engine` is an engine that a user starts.
"""

import contextlib
import json
import os
import sys

from pipeline.engine.engine_kind import EngineKind
from pipeline.engine.serving import serve, take_part
from pipeline.processes.launch import launched
from pipeline.runs.home import home
from pipeline.runtime.address import Address


def main() -> None:
    role, folder = sys.argv[1:3]
    # So that relative paths mean the same here as in the server that checked them.
    with contextlib.suppress(OSError):
        os.chdir(folder)
    launch = launched()

    def lead() -> None:
        kind = EngineKind(processes=launch.count if launch else 1)
        serve(Address(home(), role), lambda: str(json.loads(sys.stdin.readline())["key"]), kind)

    if launch is None:
        lead()
    else:
        sys.exit(take_part(launch, lead))


if __name__ == "__main__":
    main()
