"""One server's link as the engine writes to it, in a thread of its own: a server that stalls never stalls training.

Answers all go out in their order; of the snapshots only the newest that the link has not yet taken.
"""

import threading
from collections import deque

from pipeline.runtime.link import EngineLink, LinkClosed
from pipeline.runtime.messages import Answer, Snapshot


class LinkWriter:
    """What waits to be sent to one link."""

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
        """Ends the thread once all that waits has been sent, or after `timeout` seconds."""
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
                # The snapshot first: who gets an answer may look at the snapshot at once.
                if news is not None:
                    self.link.send(news.message())
                for answer in answers:
                    self.link.send(answer.message())
            except LinkClosed:
                return
            if self._closed:
                return
