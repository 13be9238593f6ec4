"""Which ends of networks that make images fit which range of values."""

from pipeline.data.value_range import SIGNED, UNIT, ValueRange
from pipeline.models.plan import End

RANGE_OF: dict[End, ValueRange] = {"tanh": SIGNED, "sigmoid": UNIT}
END_FOR: dict[ValueRange, End] = {values: end for end, values in RANGE_OF.items()}


def end_misfit(end: End | None, values: ValueRange) -> str:
    """Why a network with this end cannot make images in this range, as the end of a sentence, and what to do.

    "" if it can, or if the end is not known (None).
    """
    if end is None or RANGE_OF[end] == values:
        return ""
    return (
        f"ends in a {end}, which gives images from {RANGE_OF[end]}, but the real images are scaled to {values}: end it "
        f"in a {END_FOR[values]}, or set the value range of the images to {RANGE_OF[end]}."
    )
