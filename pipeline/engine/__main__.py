"""`python -m pipeline.engine train|draw|evaluate`: run one engine.

It reads its key and the working directory of its parent process as one line of JSON from standard input.
"""

import contextlib
import json
import os
import sys

from pipeline.engine.service import Service
from pipeline.formatting import visible_lines
from pipeline.runs.home import home
from pipeline.runtime.address import Address


def main() -> None:
    role = sys.argv[1]
    begin = json.loads(sys.stdin.readline())
    # So that relative paths mean the same here as in the server that checked them.
    with contextlib.suppress(OSError):
        os.chdir(begin["folder"])
    service = Service(Address(home(), role), begin["key"])
    # Listen before torch is imported, so that a server can connect at once and receives the state "starting".
    service.listen()
    from pipeline.nodes.catalogue import CUSTOM_NODES

    # Standard error is the engine's log.
    sys.stderr.writelines(f"{visible_lines(sentence)}\n" for sentence in CUSTOM_NODES.report())
    if role == "draw":
        from pipeline.engine.drawing_worker import DrawingWorker

        service.serve(DrawingWorker(home(), service.stopping, service.publish))
    elif role == "evaluate":
        from pipeline.engine.evaluation_worker import EvaluationWorker

        service.serve(EvaluationWorker(home()))
    else:
        from pipeline.engine.worker import TrainingWorker

        service.serve(TrainingWorker(home(), service.publish, service.stopping))


if __name__ == "__main__":
    main()
