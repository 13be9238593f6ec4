"""Errors about messages between the server and an engine that cannot be read."""

from pipeline.errors.base import Fault, Refusal


class NotJSON(Fault):
    """A message that is not valid JSON."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"A message between the server and the engine is not JSON: {reason}.")


class UnknownCommand(Refusal):
    """A command that this engine does not have. engine: its description. number: the command's number, 0 if
    unreadable."""

    def __init__(self, engine: str, kind: str, number: int) -> None:
        self.number = number
        super().__init__(f"{engine} has no command {kind[:60]!r}.")


class MalformedCommand(Refusal):
    """A command that an engine cannot read. number: the command's number, 0 if that is unreadable too."""

    def __init__(self, kind: str, reason: str, number: int) -> None:
        self.number = number
        super().__init__(
            f"The command {kind[:60]!r} was not carried out, because the engine cannot read it ({reason}). "
            "Reload the page and repeat it."
        )


class MalformedReply(Fault):
    """An answer or a snapshot that the server cannot read. number: the command's number, None if that is unreadable
    too."""

    def __init__(self, kind: str, reason: str, number: int | None) -> None:
        self.kind = kind
        self.number = number
        super().__init__(
            f"The engine's message {kind[:60]!r} cannot be read ({reason}). The command may have been carried out. "
            "If this happens again, restart the server: the engine may be from another version."
        )
