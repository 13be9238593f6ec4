"""A browser session without the browser: the same load on the server, without rendering.

A headless Chromium needs a whole core to render four open pages, so on a machine with two cores the trainer would
compete with Chromium, whereas a colleague's browser renders on the colleague's machine. So this class speaks
Streamlit's protocol over its WebSocket, as the browser's code does: it opens a page, polls each fragment at the
interval that the fragment asks for (`run_every`), fetches every image, and reads every message.
"""

import threading
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.error import HTTPError

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

AT_LEAST_SECONDS = 0.25
"""Interval at which a session checks whether it was closed."""


@dataclass
class Poll:
    """A fragment that is redrawn every `interval` seconds, next at `due` (monotonic clock)."""

    interval: float
    due: float


@dataclass
class Session:
    """A page that is open during a `with` block.

    finished: number of script runs seen, of the page or of a fragment. received: bytes. polls: by fragment id.
    """

    server: str
    page: str = ""
    finished: int = 0
    received: int = 0
    polls: dict[str, Poll] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._images: set[str] = set()
        self._closed = False
        self._page_hash = ""
        self._thread = threading.Thread(target=self._attend, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        self._thread.join(10)

    def _attend(self) -> None:
        address = self.server.replace("http", "ws", 1) + "/_stcore/stream"
        with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None) as self._socket:
            self._send(BackMsg(rerun_script={"page_name": self.page}))
            while not self._closed:
                self._ask_what_is_due()
                self._listen()

    def _ask_what_is_due(self) -> None:
        now = time.monotonic()
        for fragment, poll in self.polls.items():
            if poll.due <= now:
                poll.due = now + poll.interval
                self._ask_again(fragment)

    def _listen(self) -> None:
        """Process the next message, if one arrives before the next poll is due."""
        now = time.monotonic()
        due = min((poll.due for poll in self.polls.values()), default=now + AT_LEAST_SECONDS)
        try:
            content = self._socket.recv(timeout=max(0.0, min(due - now, AT_LEAST_SECONDS)))
        except TimeoutError:
            return
        assert isinstance(content, bytes)
        self.received += len(content)
        self._take(ForwardMsg.FromString(content))

    def _take(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self._page_hash = message.new_session.page_script_hash
                if not message.metadata.run.fragment_ids:
                    self.polls.clear()
            case "navigation":
                # A session that was opened by a page's name learns here which page that is; a poll that named another
                # one would have the next run of the script draw that.
                self._page_hash = message.navigation.page_script_hash
            case "auto_rerun":
                asked = message.auto_rerun
                if asked.fragment_id not in self.polls:
                    self.polls[asked.fragment_id] = Poll(asked.interval, time.monotonic() + asked.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self.polls.pop(fragment, None)
            case "script_finished":
                self.finished += 1
            case "delta":
                for image in message.delta.new_element.imgs.imgs:
                    self._fetch(image.url)

    def _ask_again(self, fragment: str) -> None:
        self._send(
            BackMsg(
                rerun_script={
                    "page_script_hash": self._page_hash,
                    "page_name": self.page,
                    "fragment_id": fragment,
                    "is_auto_rerun": True,
                }
            )
        )

    def _fetch(self, address: str) -> None:
        if address and address not in self._images:
            self._images.add(address)
            # A grid may have been replaced before it is fetched.
            with suppress(HTTPError), urllib.request.urlopen(f"{self.server}{address}", timeout=10) as image:
                image.read()

    def _send(self, message: BackMsg) -> None:
        self._socket.send(message.SerializeToString())
