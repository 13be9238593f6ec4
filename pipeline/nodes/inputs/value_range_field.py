"""The parameter of image nodes for the range of pixel values."""

from typing import Annotated

from pydantic import Field

from pipeline.data.value_range import ValueRange

ValueRangeField = Annotated[
    ValueRange,
    Field(
        description="Values of black and white in the batches. -1 to 1: for a generator that ends in a tanh. 0 to 1: "
        "for one that ends in a sigmoid."
    ),
]
