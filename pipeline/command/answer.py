"""What a command has to say when it is done: once as data, once in words."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """facts: the one JSON object that --json prints. text: the same for people. exit_code: 0 where all was done.

    Text goes to standard output with exit code 0, else to standard error.
    """

    facts: Mapping[str, Any]
    text: str
    exit_code: int = 0


def say(sentence: str) -> None:
    """Tells on standard error what goes on, so that standard output holds the answer alone."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
