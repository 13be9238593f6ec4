"""What zips and tars of pictures have in common: which names are refused, and which members are pictures.

An archive with an unsafe member is refused as a whole, and unsafe names are never sanitised: such an archive is an
attack, or not what the user meant to upload.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from pipeline.data.files import arrangement_0_3
from pipeline.data.files.arrangement import Arrangement, TreeFiles, arrange
from pipeline.data.files.class_findings import class_warnings
from pipeline.data.files.formats import endings
from pipeline.data.files.passed_over import is_inside_passed_over
from pipeline.data.files.pictures import ENDINGS, is_text, left_out, nothing_used
from pipeline.data.files.rules import Rules
from pipeline.errors.data import UnusableSource

PACKED = frozenset((
    ".zip", ".tar", ".tgz", ".tbz2", ".tbz", ".txz", ".tzst", ".gz", ".bz2", ".xz", ".7z", ".rar", ".zst", ".npz",
))  # fmt: skip
"""Endings of archives, which are refused inside of an archive."""


def unsafe_name(name: str, archive: str = "zip") -> str:
    """Why a member's name is refused, in words that follow the name; "" if the name stays inside the archive."""
    # A name that can be printed has none; to look at every character takes longer than to list a tar.
    if not name.isprintable() and any(unicodedata.category(character) == "Cc" for character in name):
        return "has control characters in its name"
    if not name:
        return "has no name"
    if name[0] in "/\\":
        return "is an absolute path"
    # On Windows any character before the colon is a drive, not only a letter.
    if name[1:2] == ":":
        return "begins with a drive letter"
    if ".." in re.split(r"[/\\]", name):
        return f"leads out of the {archive}"
    return ""


def plain(name: str, rules: Rules = "0.4") -> str:
    """The name with `/` between its parts: some Windows programs write `\\`. Tars begin names with `./`."""
    if rules == "0.3":
        return name.replace("\\", "/")
    parts = name.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", "."))


def is_packed(name: str) -> bool:
    """Whether a member's name ends like that of an archive."""
    return PurePosixPath(plain(name)).suffix.lower() in PACKED


def is_picture(name: str, rules: Rules = "0.4") -> bool:
    """Whether a member is used as a picture, by its plain name."""
    hidden = arrangement_0_3.is_hidden(name) if rules == "0.3" else is_inside_passed_over(name)
    return not hidden and PurePosixPath(name).suffix.lower() in endings(rules)


def is_used_text(name: str) -> bool:
    """Whether a member may hold labels or captions, by its plain name."""
    return is_text(name) and not is_inside_passed_over(name)


def arrange_members(
    names: Iterable[str], content: Callable[[str, int], bytes], where: str, rules: Rules
) -> tuple[Arrangement, list[str]]:
    """The arrangement of an archive's members, and its notes with one on members that are not pictures.

    names: plain names of all files. content: bytes of a member by its plain name, at most so many. Raises
    UnusableSource if no picture can be used.
    """
    files = list(names)
    pictures = [name for name in files if is_picture(name, rules)]
    if not pictures:
        raise UnusableSource(where, "there are no images in it", ENDINGS)
    if rules == "0.3":
        used, entries, loose = arrangement_0_3.classes_from_names(pictures, wrapped=True)
        arranged = Arrangement(used, entries, loose, [], class_warnings(entries.class_names), frozenset())
        visible = [name for name in files if not arrangement_0_3.is_hidden(name)]
    else:
        texts = [name for name in files if is_used_text(name)]
        arranged = arrange(TreeFiles(pictures, texts, content), where)
        visible = [name for name in files if not is_inside_passed_over(name)]
    if not arranged.names:
        raise UnusableSource(where, nothing_used(arranged.left_out), ENDINGS)
    return arranged, [*arranged.notes, *left_out(len(visible) - len(pictures) - len(arranged.used_texts))]
