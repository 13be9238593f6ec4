"""Send messages to one server in a separate thread, so that a stalled server never stalls training.

All answers are sent in order; of the waiting snapshots, only the newest is sent.
"""

import threading
from collections import deque

from pipeline.runtime.link import EngineLink, LinkClosed
from pipeline.runtime.messages.answers import AnyAnswer
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.runtime.messages.wire import write


class LinkWriter:
    """The messages waiting for one link, and the thread that sends them."""

    def __init__(self, link: EngineLink) -> None:
        self.link = link
        self._answers: deque[AnyAnswer] = deque()
        self._snapshot: Snapshot | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._writer = threading.Thread(target=self._write, name="genscope-link-writer", daemon=True)
        self._writer.start()

    def tell(self, snapshot: Snapshot) -> None:
        with self._changed:
            self._snapshot = snapshot
            self._changed.notify()

    def answer(self, answer: AnyAnswer) -> None:
        with self._changed:
            self._answers.append(answer)
            self._changed.notify()

    def close(self, timeout: float = 1.0) -> None:
        """End the thread once all waiting messages are sent; return after `timeout` seconds at the latest."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._writer.join(timeout)

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or bool(self._answers) or self._snapshot is not None)
                answers, self._answers = list(self._answers), deque()
                snapshot, self._snapshot = self._snapshot, None
            try:
                # The snapshot first, because the receiver of an answer may read the snapshot at once.
                if snapshot is not None:
                    self.link.send(write(snapshot))
                for answer in answers:
                    self.link.send(write(answer))
            except LinkClosed:
                return
            if self._closed:
                return
