"""What a command has to say when it is done: once as data, once in words."""

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CommandResult:
    """facts: the one JSON object that --json prints. text: the same for people. exit_code: 0 where all was done.

    Text goes to standard output with exit code 0, else to standard error.
    """

    facts: Mapping[str, Any]
    text: str
    exit_code: int = 0

    def json(self) -> str:
        """The facts as one line. JSON has no NaN and no infinity: what is not a finite number is null."""
        return json.dumps(_finite(self.facts), allow_nan=False)


def _finite(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {key: _finite(each) for key, each in value.items()}
        case list() | tuple():
            return [_finite(each) for each in value]
        case _:
            return value


def say(sentence: str) -> None:
    """Tells on standard error what goes on, so that standard output holds the answer alone."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
