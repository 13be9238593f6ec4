"""Run ids, such as `20261122-140501-3fa9c2d1`: they start with the UTC time of creation, so that they sort by time."""

import re
import secrets
from datetime import UTC, datetime

_RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")


def new_run_id() -> str:
    """Date, time, and eight hexadecimal digits: five for the microsecond, three random ones for runs made at the same
    time."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond:05x}{secrets.randbelow(4096):03x}"


def is_run_id(text: str) -> bool:
    """Whether `text` has the form of a run id; such a text cannot lead out of a folder."""
    return _RUN_ID.fullmatch(text) is not None
