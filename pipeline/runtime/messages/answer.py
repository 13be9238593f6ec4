"""What every answer of an engine has."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from pipeline.runtime.messages.blob import STRICT

Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer to one command."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    number: Count = 0
    """Number of the command that it answers."""
