"""What is refused about sources of images, and what goes wrong while they are read."""

from pipeline.errors.base import GenscopeError, Refusal


class UnusableSource(Refusal):
    """A place from which no images can be had: nothing there, nothing readable, or nothing safe."""

    def __init__(self, source: str, reason: str, remedy: str = "") -> None:
        self.reason = reason
        super().__init__(f"{source} cannot be used: {reason}.{f' {remedy}' if remedy else ''}")


class BrokenImage(Refusal):
    """One image of a source that cannot be read; it is listed with its reason, and the rest goes on without it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The image cannot be read: {reason}.")


class ReadingStopped(GenscopeError):
    """Somebody stopped the reading of a data set; nothing of it is kept. exit_code: as shells have it."""

    def __init__(self, doing: str, done: int, total: int, exit_code: int = 130) -> None:
        self.exit_code = exit_code
        super().__init__(f"Stopped while {doing[:1].lower()}{doing[1:]} ({done:,} of {total:,} done).")
