"""Turns: who trains when, and how many steps."""

from pipeline.bench import turns
from pipeline.bench.declaration import Effort


class Clock:
    """A clock that only training moves. order: who trained, and how many steps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.order: list[tuple[str, int]] = []

    def perf_counter(self) -> float:
        return self.now

    def contestant(self, name: str, seconds: float) -> turns.Train:
        def train(steps: int) -> None:
            self.order.append((name, steps))
            self.now += steps * seconds

        return train


def test_contestants_train_the_same_steps_in_turns_forth_and_back(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(turns, "time", clock)
    contestants = {"ours": clock.contestant("ours", 0.125), "theirs": clock.contestant("theirs", 0.25)}
    spent = turns.seconds_in_turns(contestants, Effort(rounds=3, turn=1.0))
    assert spent == {"ours": [1.0, 1.0, 1.0], "theirs": [2.0, 2.0, 2.0]}
    assert clock.order[-6:] == [(name, 8) for name in ("ours", "theirs", "theirs", "ours", "ours", "theirs")]
    assert turns.ratios(spent["theirs"], spent["ours"]) == [2.0, 2.0, 2.0]
