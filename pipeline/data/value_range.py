"""The range of pixel values that networks work with: chosen at the node of the images."""

from typing import Literal

ValueRange = Literal["-1 to 1", "0 to 1"]
SIGNED: ValueRange = "-1 to 1"
"""Black is -1 and white 1, for networks that make images with a tanh."""
UNIT: ValueRange = "0 to 1"
"""Black is 0 and white 1, for networks that make images with a sigmoid."""
