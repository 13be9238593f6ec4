"""Decides whether a set is decoded before training, and kept whole in memory, or while training."""

import os
import re
from typing import Literal

import psutil

from pipeline.data.files.source import ImageSource
from pipeline.data.fitting import Preparation
from pipeline.errors.machine import UnusableValue
from pipeline.formatting import size

Decoding = Literal["automatic", "before training", "while training"]
AUTOMATIC: Decoding = "automatic"

SETTING = "GENSCOPE_DECODED_BUDGET"
"""Megabytes of prepared images up to which a set is decoded before training, overriding the share of the memory."""

SHARE = 0.25
"""Share of this machine's memory. While a set is split, its images are in memory twice."""


def reason_to_decode_later(source: ImageSource, preparation: Preparation, decoding: Decoding) -> str:
    """Why the images of a source are decoded while training, as the end of a sentence; "" if they are before.

    Raises UnusableValue if GENSCOPE_DECODED_BUDGET is not a whole number.
    """
    if decoding == "while training":
        return "as the data node says"
    if decoding == "before training":
        return ""
    needed = source.count * (1 if preparation.grey(source.grey()) else 3) * preparation.image_size**2
    most = budget()
    if needed <= most:
        return ""
    return f"since they would take {size(needed)} of memory, and {size(most)} may be used for it"


def budget() -> int:
    """Bytes of prepared images up to which "automatic" decodes a set before training."""
    setting = os.environ.get(SETTING)
    if setting:
        if not re.fullmatch(r"[0-9]{1,9}", setting):
            raise UnusableValue(f"{SETTING} is {setting[:40]!r}; set it to a whole number of megabytes, or unset it.")
        return int(setting) * 1_000_000
    return int(psutil.virtual_memory().total * SHARE)
