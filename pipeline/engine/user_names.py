"""The name of the user of this process, for the events of runs and the entries of the queue."""

import getpass
from contextlib import suppress


def user_name() -> str:
    """The user name for the events of this process's runs."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    # A user id without an account, as in some containers.
    return "command line"
