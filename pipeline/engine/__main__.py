"""`python -m pipeline.engine train|draw`: one engine. Its key comes as a line of JSON on standard input."""

import json
import sys

from pipeline.engine.service import Service
from pipeline.runs.home import home
from pipeline.runtime.address import Address


def main() -> None:
    role = sys.argv[1]
    key = json.loads(sys.stdin.readline())["key"]
    service = Service(Address(home(), role), key)
    # Listening comes before torch is imported, so that a server attaches at once and is told "starting".
    service.listen()
    from pipeline.nodes.catalogue import OWN_NODES

    # Into the engine's log.
    sys.stderr.writelines(f"{sentence}\n" for sentence in OWN_NODES.report())
    if role == "draw":
        from pipeline.engine.drawing import DrawingWorker

        service.serve(DrawingWorker(home()))
    else:
        from pipeline.engine.worker import TrainingWorker

        service.serve(TrainingWorker(home(), service.publish, service.stopping))


if __name__ == "__main__":
    main()
