"""Errors about sources of images, and about reading and uploading them."""

from pipeline.errors.base import GenscopeError, Refusal


class UnusableSource(Refusal):
    """A source without usable images: missing, unreadable or unsafe."""

    def __init__(self, source: str, reason: str, remedy: str = "") -> None:
        self.reason = reason
        super().__init__(f"{source} cannot be used: {reason}.{f' {remedy}' if remedy else ''}")


class BrokenImage(Refusal):
    """One image of a source cannot be read; it is listed with the reason, and the others are still read."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The image cannot be read: {reason}.")


class ReadingStopped(GenscopeError):
    """A long operation (reading a data set, drawing images) was cancelled; no part of its result is kept.

    exit_code: as usual in shells, 128 + the signal.
    """

    def __init__(self, doing: str, done: int, total: int, exit_code: int = 130) -> None:
        self.exit_code = exit_code
        far = f" ({done:,} of {total:,} done)" if total else ""
        super().__init__(f"Stopped while {doing[:1].lower()}{doing[1:]}{far}.")


class UnusableUpload(Refusal):
    """An uploaded file that is refused because of its name."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name[:60]!r} was not saved: {reason}. Rename it, and upload it again.")


class UploadExists(Refusal):
    """An upload under a name that is taken."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"An upload named {name!r} already exists. Confirm that it should be replaced, or rename yours."
        )


class UnknownUpload(Refusal):
    """An upload that does not exist or was deleted."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no upload named {name[:60]!r}. Another user may have deleted it.")


class SourceChanged(UnusableSource):
    """A file of a set that is decoded while training is not the one that was listed, or cannot be read any more.

    reason: why it cannot be read; "" if it has changed."""

    def __init__(self, file: str, reason: str = "") -> None:
        super().__init__(
            file,
            f"it cannot be read any more ({reason})" if reason else "it has changed since its set was listed",
            "Bring it back to go on with the same images; otherwise all are listed again when the set is next opened.",
        )


class TooManyDamaged(Refusal):
    """So many images in a row cannot be decoded that they are not replaced."""

    def __init__(self, file: str, reason: str, count: int) -> None:
        super().__init__(
            f"{count:,} images in a row cannot be decoded, from {file} on ({reason}). Repair or remove them, and "
            "resume the run from its last checkpoint."
        )
