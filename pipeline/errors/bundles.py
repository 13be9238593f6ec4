"""Errors about bundles of runs."""

from pipeline.errors.base import Refusal


class DamagedBundle(Refusal):
    """A file that is no bundle, or not as it was written. reason: a clause."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} was not imported, because {reason}. Copy the bundle again, or export it again.")


class NewerBundle(Refusal):
    """A bundle whose format this Genscope does not know. found, known: formats. version: of the program that wrote
    it."""

    def __init__(self, path: str, found: int, known: int, version: str) -> None:
        super().__init__(
            f"{path} was not imported, because it was written by Genscope {version[:40]} in format {found:,}, and this "
            f"one reads formats up to {known:,}. Update Genscope."
        )


class AlreadyImported(Refusal):
    """A bundle whose runs are all in the home. runs: their ids here, as a list in words."""

    def __init__(self, path: str, runs: str) -> None:
        super().__init__(f"{path} was not imported, because what it holds is already here: {runs}.")


class UnusableForBundle(Refusal):
    """What no bundle can hold. reason: a clause. remedy: a sentence."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"The bundle was not written, because {reason}. {remedy}")
