"""Errors about command lines, files and databases."""

from collections.abc import Iterable

from pipeline.errors.base import Fault, Refusal, nearest


class UnreadableCommand(Refusal):
    """A command line that cannot be parsed."""

    def __init__(self, command: str, reason: str) -> None:
        words = " ".join(["python -m pipeline", *command.split(), "--help"])
        super().__init__(f"{reason[:1].upper()}{reason[1:].rstrip('.')}. See `{words}`.")


class UnknownMeasurement(Refusal):
    """A name that no measurement of `bench` has."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no measurement {name[:40]!r}{nearest(name, known)} `python -m pipeline bench --list` names all."
        )


class UnusableValue(Refusal):
    """A number out of range; the caller, who knows the range, passes the whole message."""


class UnusableFile(Refusal):
    """A file named by the user that cannot be read or written; `doing`: "read" or "written"."""

    def __init__(self, path: str, doing: str, reason: str) -> None:
        super().__init__(f"{path} cannot be {doing}: {reason}.")


class UnstorableText(Refusal):
    """A text with bytes that are not UTF-8, which Python keeps as surrogates and no database takes; or with the
    character NUL, which Postgres does not take."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"The text {text[:60]!r} has the character NUL, which Postgres does not store. Write it again without."
            if "\0" in text
            else f"The text {text[:60]!r} is not UTF-8, so no run has it. Write it again in UTF-8."
        )


class MissingPackage(Fault):
    """A Python package that is not installed, although the requirements list it. purpose: what needs it."""

    def __init__(self, package: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} need the package {package}, which is not installed. Install it with `pip install -r "
            "requirements.txt -c .github/constraints.txt`."
        )


_URL_ADVICE = "Correct GENSCOPE_DATABASE_URL, or leave it out to keep runs in a file under GENSCOPE_HOME"


class UnusableDatabaseUrl(Refusal):
    """A GENSCOPE_DATABASE_URL that can name no database of Genscope; `where` shows of it what is no password."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"The database {where} cannot be used: {reason}. {_URL_ADVICE}.")


class UnknownPictureFormat(Refusal):
    """A file name whose extension is not an image format that Genscope writes."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Images are not written as {name!r}: end the name in .png for a grid, or in .npz for arrays.")


_OTHER_FOLDER = "GENSCOPE_HOME to another folder"


class HomeTrouble(Fault):
    """The home or its database cannot be used now, through no fault of what is trained or asked: once that has been
    mended, the same works again."""


class CannotWrite(HomeTrouble):
    """A file or database that cannot be written: a full disk, a read-only folder. advice: what to do, without a full
    stop."""

    def __init__(
        self, path: str, reason: str, advice: str = "Free some space or set GENSCOPE_HOME to another folder"
    ) -> None:
        super().__init__(f"{path} cannot be written: {reason}. {advice}.")


class NewerDatabase(HomeTrouble):
    """A database of a newer Genscope; `where` names it without its password."""

    def __init__(self, where: str, found: int, known: int) -> None:
        other = "GENSCOPE_DATABASE_URL to another database" if where.startswith("postgres") else _OTHER_FOLDER
        super().__init__(
            f"The database {where} was written by a newer Genscope: its tables have version {found:,}, and this one "
            f"supports versions up to {known:,}. Update Genscope, or set {other}."
        )


class DatabaseUnusable(HomeTrouble):
    """A database that cannot be opened or read; `where` names it without its password. advice: what to do, without a
    full stop."""

    def __init__(self, where: str, reason: str, advice: str = _URL_ADVICE) -> None:
        super().__init__(f"The database {where} cannot be used: {reason}. {advice}.")


class DatabaseGone(HomeTrouble):
    """A SQLite file that was deleted or moved while this process was using it."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The database {path} is gone: it was deleted or moved while Genscope was using it. Put it back, from a "
            "backup if need be; or start Genscope again, to begin with an empty one."
        )
