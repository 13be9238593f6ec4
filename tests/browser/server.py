"""The real server as a separate process with its own home, and the store of that home."""

from pipeline.bench import server
from pipeline.runs.store import Store


class Server(server.Server):
    """A server as the benchmark starts it, with its store."""

    def store(self) -> Store:
        """The store of this server's home; the caller closes it."""
        return Store(self.home, f"sqlite:///{self.home / 'genscope.sqlite'}")
