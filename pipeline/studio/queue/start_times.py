"""Times at which a run of the queue is to start, as users write them: `18:30`, or a date and time in ISO 8601."""

import re
import time
from datetime import datetime, timedelta

from pipeline.errors.queue import UnusableTime

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_LONGEST = 40
MOST_DAYS = 3650
_REMEDY = "Write HH:MM, such as 18:30, or a date and time, such as 2030-01-31T18:30."


def read_start_time(text: str, now: float | None = None) -> float:
    """The time that a user wrote, in seconds since 1970.

    HH:MM is the next such time of this machine's clock, so it is never past. A date and time without an offset is in
    this machine's time zone. now: seconds since 1970, by default the current time. Raises UnusableTime if the text is
    no time, or names a past one or one that is ten years ahead.
    """
    now, text = time.time() if now is None else now, text.strip()
    try:
        found = _next(text, now) if _CLOCK.fullmatch(text) else _dated(text)
    except (ValueError, OverflowError, OSError):
        raise UnusableTime(text, "it cannot be read", _REMEDY) from None
    if found <= now:
        raise UnusableTime(text, "it is past", "Name a later one, or leave it out to start when the device is free.")
    if found > now + MOST_DAYS * 86400:
        raise UnusableTime(text, "it is more than ten years ahead", "Name an earlier one.")
    return found


def start_time_words(when: float, now: float | None = None) -> str:
    """A time of this machine's clock, with the date if it is on another day: "18:30", "31 Jan 2030, 18:30"."""
    then, today = datetime.fromtimestamp(when), datetime.fromtimestamp(time.time() if now is None else now)
    return f"{then:%H:%M}" if then.date() == today.date() else f"{then.day} {then:%b %Y, %H:%M}"


def _next(text: str, now: float) -> float:
    hours, _, minutes = text.partition(":")
    here = datetime.fromtimestamp(now)
    # A local time without its offset: that of the day may differ from that of now.
    then = here.replace(hour=int(hours), minute=int(minutes), second=0, microsecond=0, fold=0)
    found = then.timestamp()
    return found if found > now else (then + timedelta(days=1)).timestamp()


def _dated(text: str) -> float:
    if len(text) > _LONGEST:
        raise ValueError
    return datetime.fromisoformat(text).timestamp()
