"""Facts about every named data set, known before it is loaded. Torch-free: checks and forms read it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DatasetFacts:
    """One data set of square images."""

    name: str
    title: str
    channels: int
    size: int
    """Pixels per side."""
    classes: int
    """0 if the set has no labels."""
    train: int
    """Number of training images."""
    held_out: int
    """Number of images that training never uses."""
    download: bool
    """Whether the first use needs the network."""
    class_names: tuple[str, ...] = ()
    """In label order."""

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, C, H, W) of the whole set, training images first."""
        return self.train + self.held_out, self.channels, self.size, self.size


DIGITS = tuple("0123456789")
CLOTHES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
HIRAGANA = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
PHOTOGRAPHS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
BLOOD_CELLS = (
    "basophil", "eosinophil", "erythroblast", "immature granulocyte", "lymphocyte", "monocyte", "neutrophil",
    "platelet",
)  # fmt: skip

FACTS: dict[str, DatasetFacts] = {
    facts.name: facts
    for facts in (
        DatasetFacts("mnist-5k", "MNIST, 5,000 digits", 1, 28, 10, 4_500, 500, False, DIGITS),
        DatasetFacts("mnist", "MNIST digits", 1, 28, 10, 60_000, 10_000, True, DIGITS),
        DatasetFacts("fashion-mnist", "Fashion-MNIST clothes", 1, 28, 10, 60_000, 10_000, True, CLOTHES),
        DatasetFacts("kmnist", "KMNIST, cursive Japanese", 1, 28, 10, 60_000, 10_000, True, HIRAGANA),
        DatasetFacts("cifar-10", "CIFAR-10 photographs", 3, 32, 10, 50_000, 10_000, True, PHOTOGRAPHS),
        DatasetFacts("bloodmnist", "BloodMNIST, microscopy", 3, 28, 8, 11_959, 5_133, True, BLOOD_CELLS),
        DatasetFacts("petals", "Petals, crops of one photograph", 3, 32, 0, 4_000, 400, False),
        DatasetFacts("digits", "Small digits, 8×8", 1, 8, 10, 1_617, 180, False, DIGITS),
    )
}
