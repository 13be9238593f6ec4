"""The store of the home, as commands open it."""

import os

from pipeline.command.answer import print_status
from pipeline.errors.machine import HomeTrouble
from pipeline.runs.home import home
from pipeline.runs.network_home import network_home_warning
from pipeline.runs.remote.taking_in import take_in
from pipeline.runs.store import Store

TAKES_SECONDS = 5.0


def open_store() -> Store:
    """The store of the home, with what workers on other machines have recorded; a warning on standard error if its
    database is on a network file system, or if some of that cannot be taken in. Raises HomeTrouble,
    UnusableDatabaseUrl."""
    folder = home()
    if sentence := network_home_warning(folder):
        print_status(f"Warning: {sentence}")
    store = Store(folder)
    try:
        # The rest of very much is taken in by the server, or by the next command.
        sentences = take_in(store, TAKES_SECONDS).sentences
    except HomeTrouble as error:
        # Nothing of it is lost, and what the command does may not need it: a full disk can still be read.
        sentences = [f"What jobs have recorded is taken in later: {error}"]
    for sentence in sentences:
        print_status(f"Warning: {sentence}")
    return store


def existing_store() -> Store:
    """As `open_store`, for what needs a stored run: where there is no home, an empty store, and no home is made."""
    folder = home(make=False)
    if folder.exists():
        return open_store()
    return Store(folder, None if os.environ.get("GENSCOPE_DATABASE_URL") else "sqlite://")
