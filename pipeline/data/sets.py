"""What is known of every named data set before it is loaded. Torch-free: checks and forms read it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DatasetFacts:
    """One data set of square images.

    size: pixels a side. train, held_out: how many images to learn from, and how many that training never sees.
    download: whether its first use needs the network.
    """

    name: str
    title: str
    channels: int
    size: int
    classes: int
    train: int
    held_out: int
    download: bool

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, C, H, W) of the whole set, training images first."""
        return self.train + self.held_out, self.channels, self.size, self.size


FACTS: dict[str, DatasetFacts] = {
    facts.name: facts
    for facts in (
        DatasetFacts("mnist-5k", "MNIST, 5,000 digits", 1, 28, 10, 4_500, 500, download=False),
        DatasetFacts("mnist", "MNIST digits", 1, 28, 10, 60_000, 10_000, download=True),
        DatasetFacts("fashion-mnist", "Fashion-MNIST clothes", 1, 28, 10, 60_000, 10_000, download=True),
        DatasetFacts("digits", "Small digits, 8×8", 1, 8, 10, 1_617, 180, download=False),
    )
}
