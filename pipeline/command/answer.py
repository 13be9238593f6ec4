"""The result of a command, as data and as text."""

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.formatting import visible_lines


@dataclass(frozen=True)
class CommandResult:
    """The result of a command. facts: the JSON object that --json prints. text: the same for people. exit_code: 0 for
    success.

    The text goes to standard output if the exit code is 0, otherwise to standard error.
    """

    facts: Mapping[str, Any]
    text: str
    exit_code: int = 0

    def json(self) -> str:
        """The facts as one line of JSON. NaN and infinities, which JSON lacks, become null."""
        # The only control character that json leaves as it is.
        return json.dumps(_finite(self.facts), allow_nan=False).replace("\x7f", "\\u007f")


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


def print_status(sentence: str) -> None:
    """Print lines to standard error; standard output is reserved for the answer."""
    sys.stderr.write(f"{visible_lines(sentence)}\n")
    sys.stderr.flush()
