"""Finds the picture that a line of a table means: by its path, its name, or its name without ending."""

from collections.abc import Iterable

from pipeline.data.files.natural import one_form

SEVERAL = ""
"""In place of a picture, for a name that several pictures have."""


class PictureIndex:
    """Pictures by all names under which a table may mention them."""

    def __init__(self, pictures: Iterable[str]) -> None:
        self._paths: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for picture in pictures:
            path = one_form(picture)
            for each in (path, _without_ending(path)):
                _add(self._paths, each, picture)
                name = each.rpartition("/")[2]
                _add(self._names, name, picture)
                if name != name.casefold():
                    _add(self._names, name.casefold(), picture)

    def find(self, file: str, folder: str, table: str) -> str | None:
        """The picture that `file` means in a table in `folder` ("" or with a `/` at its end); None if there is none, or
        if several pictures have this name.

        table: the table's name without ending: a train.csv names the pictures in train.
        """
        below = file.partition("/")[2]
        for path in (f"{folder}{file}", file, f"{folder}{table}/{file}", f"{folder}images/{file}", f"{folder}{below}"):
            if path and (found := self._paths.get(path)):
                return found
        name = file.rpartition("/")[2]
        return self._names.get(name) or self._names.get(name.casefold()) or None


def _add(places: dict[str, str], name: str, picture: str) -> None:
    known = places.setdefault(name, picture)
    if known != picture:
        places[name] = SEVERAL


def _without_ending(path: str) -> str:
    stem, dot, _ = path.rpartition(".")
    return stem if dot and "/" not in path[len(stem) :] else path
