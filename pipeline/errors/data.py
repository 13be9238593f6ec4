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
    """Somebody stopped what takes long, the reading of a data set or the drawing of images; nothing of it is kept.

    exit_code: as shells have it.
    """

    def __init__(self, doing: str, done: int, total: int, exit_code: int = 130) -> None:
        self.exit_code = exit_code
        super().__init__(f"Stopped while {doing[:1].lower()}{doing[1:]} ({done:,} of {total:,} done).")


class UnusableUpload(Refusal):
    """A file that is not kept because of its name."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name[:60]!r} was not kept: {reason}. Rename it, and upload it again.")


class UploadTaken(Refusal):
    """An upload whose name another one has."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"There is an upload named {name!r} already. Replace it knowingly, or rename yours.")


class UnknownUpload(Refusal):
    """An upload that is not, or no longer, there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no upload named {name[:60]!r}. Perhaps somebody has deleted it.")
