"""The store of the home, as commands open it."""

from pipeline.command.answer import print_status
from pipeline.runs.home import home
from pipeline.runs.network_home import network_home_warning
from pipeline.runs.store import Store


def open_store() -> Store:
    """The store of the home; a warning on standard error if its database is on a network file system. Raises
    HomeTrouble."""
    folder = home()
    if sentence := network_home_warning(folder):
        print_status(f"Warning: {sentence}")
    return Store(folder)
