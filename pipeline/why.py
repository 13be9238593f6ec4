"""Why something matters, for people who learn: a metric, a hint, a stage of a step."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Why:
    """An explanation with its source.

    text: two sentences. source: where it can be read in full, such as `Goodfellow et al. 2014`. url: its address, such
    as `https://arxiv.org/abs/1406.2661`; "" if it has none.
    """

    text: str
    source: str
    url: str = ""
