"""Numbers, times and lists in words, the same on every page, in events and on the command line."""

import math
import re
import time
from collections.abc import Iterable, Sequence
from decimal import Decimal

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Characters that move the cursor, change colours or turn the direction of a text, and halves of characters."""
_COLOURED = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""A command to a terminal, such as a change of colour."""


def visible(text: str) -> str:
    """The text for one line of a terminal: control characters, also newlines, and marks of direction as escapes."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)


def visible_lines(text: str) -> str:
    """As `visible`, for a text of several lines."""
    return "\n".join(map(visible, text.split("\n")))


def without_controls(text: str) -> str:
    """The text with a space for the characters that `visible` escapes; unchanged if it has none."""
    if not _UNSEEN.search(text):
        return text
    return " ".join(_UNSEEN.sub(" ", _COLOURED.sub("", text)).split())


def shortened(text: str, longest: int = 60) -> str:
    """The text, with "…" in place of what is beyond `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def short_words(text: str) -> str:
    """A sentence in which no word is longer than 300 characters, whatever a file or a user put into it."""
    return re.sub(r"\S{301,}", lambda found: found[0][:80] + "…", text)


def plain(value: float) -> str:
    """A number in plain digits with thousands separators, exact: 0.0002, 1,000,000, 123,456,789.5."""
    if not math.isfinite(value) or not 1e-12 < abs(value) < 1e18:
        return f"{value:g}"
    return f"{Decimal(str(value)).normalize():,f}"


def whole(value: int) -> str:
    """A whole number with thousands separators; a very long one is shortened."""
    # Python refuses to write out thousands of digits.
    return f"{value:,}" if abs(value) < 10**30 else "a number of more than 30 digits"


LONGEST_MESSAGE = 1000
"""Characters of an exception's message that are shown and stored."""


def number(value: float) -> str:
    """Four significant digits with thousands separators: 0.0002, 1.386, 12,340; "not finite" for NaN and infinity."""
    if not math.isfinite(value):
        return "not finite"
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e9:
        return f"{value:.3e}"
    if abs(value) >= 1000:
        return f"{round(value, 3 - math.floor(math.log10(abs(value)))):,.0f}"
    return f"{value:.4g}"


def duration(seconds: float) -> str:
    """A length of time in its two largest units: 8 s, 3 min 20 s, 2 h 5 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def remaining(seconds: float) -> str:
    """A range for the time left, ± one sixth, in one unit: under 10 s, 40–55 s, 3–4 min, 2–3 h."""
    if seconds < 10:
        return "under 10 s"
    low, high = seconds * 5 / 6, seconds * 7 / 6
    if high < 100:
        return f"{5 * math.floor(low / 5)}–{5 * math.ceil(high / 5)} s"
    size, unit = (60, "min") if high < 100 * 60 else (3600, "h")
    first = max(1, math.floor(low / size))
    return f"{first}–{max(first + 1, math.ceil(high / size))} {unit}"


def thread_words(count: int) -> str:
    """1 CPU thread, 8 CPU threads."""
    return f"{count:,} CPU thread{'s' if count != 1 else ''}"


def place(device: str, processes: int) -> str:
    """Where a run is trained: cpu, cpu in 2 processes."""
    return device if processes == 1 else f"{device} in {processes:,} processes"


def conditions(seed: int, device: str, threads: int | None, processes: int = 1) -> str:
    """What equal results depend on besides the workflow: seed 0 on cpu with 2 CPU threads. threads: None if unknown."""
    if not threads:
        return f"seed {seed} on {place(device, processes)}"
    each = f" in each of {processes:,} processes" if processes > 1 else ""
    return f"seed {seed} on {device} with {thread_words(threads)}{each}"


def ago(then: float, now: float | None = None) -> str:
    """Time since `then` (both in seconds since 1970): just now, 5 min ago, 3 h ago, 2 days ago."""
    seconds = max(0.0, (time.time() if now is None else now) - then)
    if seconds < 60:
        return "just now"
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count:,} {unit}{'s' if unit == 'day' and count > 1 else ''} ago"
    raise AssertionError("unreachable: 60 s or more have a unit")


def size(count: float) -> str:
    """Bytes in decimal units: 512 B, 1.4 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def counted(count: int, one: str, many: str = "") -> str:
    """A number of things: 1 image, 2 images, 3 classes. many: the plural, if it is not `one` with an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def how_far(doing: str, done: int, total: int) -> str:
    """What is done, and how much of it: Reading images 5 of 70. total: 0 if unknown. done: 0 if not even that is
    counted."""
    if total:
        return f"{doing} {done:,} of {total:,}"
    return f"{doing} {done:,}" if done else doing


def listed(words: Iterable[str]) -> str:
    """The words joined for a sentence: a, b and c. "" if there are none."""
    *others, last = ["", *words]
    return f"{', '.join(others[1:])} and {last}" if others[1:] else last


def fork_summary(
    networks: Sequence[str], optimizers: Sequence[str], reinitialised: Sequence[str], *, done: bool
) -> str:
    """Say which networks, by role, a fork copies from its parent.

    networks: roles that are copied. optimizers: roles whose optimizer state is copied as well. reinitialised: roles
    whose network is reinitialised. done: whether the fork has been made already.
    """
    copied = [f"{role} with its optimizer's state" if role in optimizers else role for role in networks]
    carried = f"Carried over: {listed(copied)}." if copied else f"No network {'was' if done else 'is'} carried over."
    starts = "was" if done else "is"
    if not reinitialised:
        return f"{carried} Nothing {starts} reinitialised."
    return f"{carried} Reinitialised: {listed(reinitialised)}, because layer shapes differ."


def describe_error(error: BaseException) -> str:
    """An exception as `Class: first line of its message`, or its class alone if it has no readable message."""
    kind, message = type(error).__name__, first_line(error)
    return f"{kind}: {message[:200].removesuffix('.')}" if message else kind


def first_line(error: BaseException) -> str:
    """The first line of an exception's message; "" if it has none or its `__str__` fails.

    At most LONGEST_MESSAGE characters. Control characters, which a terminal would obey, become spaces.
    """
    try:
        line = str(error).strip().partition("\n")[0]
    except Exception:  # noqa: BLE001 - the __str__ of a user's exception may fail
        return ""
    short = line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]}…"
    return "".join(each if each.isprintable() else " " for each in short)
