"""Contestants that do the same work, timed in turns: A B C, C B A, A B C, ….

Other programs, and a processor that grows hot, slow all contestants of a round alike. So ratios are taken within a
round, and their median is hardly disturbed by a round that was.
"""

import time
from collections.abc import Callable, Mapping

from pipeline.bench.declaration import Effort

Train = Callable[[int], object]
"""Trains so many steps, and returns when the device has finished them."""

WARM = 2
"""Steps before the first turn: the first ones also allocate memory and choose algorithms."""
MOST = 20_000
"""Steps of a turn."""


def seconds_in_turns(contestants: Mapping[str, Train], effort: Effort) -> dict[str, list[float]]:
    """Seconds that each contestant takes for the same number of steps, in every round.

    The number of steps is such that a turn of the first contestant takes about `effort.turn` seconds.
    """
    for train in contestants.values():
        train(1 if effort.quick else WARM)
    steps = steps_of_turn(next(iter(contestants.values())), effort)
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    order = list(contestants)
    for _ in range(effort.rounds):
        for name in order:
            spent[name].append(seconds_of(contestants[name], steps))
        order.reverse()
    return spent


def steps_of_turn(train: Train, effort: Effort) -> int:
    """How many steps this contestant trains in a turn."""
    steps = 1
    while (seconds := seconds_of(train, steps)) < effort.turn / 4 and steps < MOST:
        steps *= 2
    return max(1, min(MOST, round(steps * effort.turn / max(seconds, 1e-9))))


def seconds_of(train: Train, steps: int) -> float:
    """Seconds that these steps take."""
    begun = time.perf_counter()
    train(steps)
    return time.perf_counter() - begun


def ratios(over: list[float], under: list[float]) -> list[float]:
    """over / under of every round."""
    return [above / below for above, below in zip(over, under, strict=True)]
