"""What a run's workflow says of its family of models, so that pages show what there is without naming any family."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.nodes.ports import Encoder, Grid, Network, Training
from pipeline.nodes.trained import trained
from pipeline.studio import workflows


@dataclass(frozen=True)
class Family:
    """updates: names of the updates of a step. networks: role -> whether it reads images, else latents.

    grid: what its sample grids show. encodes: whether images become codes. class_names: of the
    images, () for none. asked: names of the classes that samples can be asked for, in the order of their labels; ()
    where the generator is not conditional.
    """

    updates: tuple[str, ...] = ()
    networks: Mapping[str, bool] = field(default_factory=dict)
    grid: Grid = "samples"
    encodes: bool = False
    class_names: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def caution(self) -> str:
        """What to know of images that are decoded from noise; "" where they are what was trained for."""
        if self.grid == "samples":
            return ""
        return (
            "This autoencoder has not been trained to decode noise: what is drawn here comes of random codes, which no "
            "image has. A variational autoencoder is trained for that."
        )


@lru_cache(maxsize=64)
def family_of(workflow_text: str) -> Family:
    """The family of a run, from its workflow; one of which nothing is known where this version cannot read that."""
    found = trained(workflows.checked(workflow_text))
    if found is None:
        return Family()
    training = found.training
    networks = [port for port in found.ports if isinstance(port, Network)]
    return Family(
        updates=training.updates,
        networks={port.role: port.reads_images for port in sorted(networks, key=lambda port: not port.reads_images)},
        grid=training.grid,
        encodes=any(isinstance(port, Encoder) for port in networks),
        class_names=training.images.class_names,
        asked=_asked(training),
    )


def _asked(training: Training) -> tuple[str, ...]:
    classes = getattr(training.sampled, "classes", 0)
    return training.images.class_names[:classes] or tuple(str(label) for label in range(classes))
