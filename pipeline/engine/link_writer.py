"""Send messages to one server in a separate thread, so that a stalled server never stalls training.

All answers are sent in order; of the waiting snapshots, only the newest is sent.
"""

import threading
from collections import deque

from pipeline.runtime.link import EngineLink, LinkClosed
from pipeline.runtime.messages import Answer, Snapshot


class LinkWriter:
    """The messages waiting for one link, and the thread that sends them."""

    def __init__(self, link: EngineLink) -> None:
        self.link = link
        self._answers: deque[Answer] = deque()
        self._news: Snapshot | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._writer = threading.Thread(target=self._write, name="genscope-outlet", daemon=True)
        self._writer.start()

    def tell(self, snapshot: Snapshot) -> None:
        with self._changed:
            self._news = snapshot
            self._changed.notify()

    def answer(self, answer: Answer) -> None:
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
                self._changed.wait_for(lambda: self._closed or bool(self._answers) or self._news is not None)
                answers, self._answers = list(self._answers), deque()
                news, self._news = self._news, None
            try:
                # The snapshot first, because the receiver of an answer may read the snapshot at once.
                if news is not None:
                    self.link.send(news.message())
                for answer in answers:
                    self.link.send(answer.message())
            except LinkClosed:
                return
            if self._closed:
                return
