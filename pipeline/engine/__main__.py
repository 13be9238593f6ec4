"""`python -m pipeline.engine train|draw`: one engine.

Its key and the working directory of who started it come as a line of JSON on standard input.
"""

import contextlib
import json
import os
import sys

from pipeline.engine.service import Service
from pipeline.runs.home import home
from pipeline.runtime.address import Address


def main() -> None:
    role = sys.argv[1]
    begin = json.loads(sys.stdin.readline())
    # A relative path means the same here as to the server that checked it.
    with contextlib.suppress(OSError):
        os.chdir(begin["folder"])
    service = Service(Address(home(), role), begin["key"])
    # Listening comes before torch is imported, so that a server attaches at once and is told "starting".
    service.listen()
    from pipeline.nodes.catalogue import CUSTOM_NODES

    # Into the engine's log.
    sys.stderr.writelines(f"{sentence}\n" for sentence in CUSTOM_NODES.report())
    if role == "draw":
        from pipeline.engine.drawing_worker import DrawingWorker

        service.serve(DrawingWorker(home(), service.stopping))
    else:
        from pipeline.engine.worker import TrainingWorker

        service.serve(TrainingWorker(home(), service.publish, service.stopping))


if __name__ == "__main__":
    main()
