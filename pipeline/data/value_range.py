"""The range of pixel values that networks work with: chosen at the node of the images, for the end of the generator."""

from typing import Literal

ValueRange = Literal["-1 to 1", "0 to 1"]
SIGNED: ValueRange = "-1 to 1"
"""Black is -1 and white 1, for a generator that ends in a tanh."""
UNIT: ValueRange = "0 to 1"
"""Black is 0 and white 1, for a generator that ends in a sigmoid."""

End = Literal["tanh", "sigmoid"]
"""The function at the end of a network that makes images."""
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
