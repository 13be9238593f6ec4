"""What a run's workflow says of its family of models, so that pages show what there is without naming any family."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.families.family import Family, UpdateKind
from pipeline.nodes.ports import GridKind, NetworkPort
from pipeline.nodes.training_subgraph import trained
from pipeline.studio import workflows


@dataclass(frozen=True)
class RunFamily:
    """What one run has of its family.

    family: None where this version of the program cannot read the run's workflow. networks: role -> whether it reads
    images by itself, those that do first. grid: what its sample grids show. encodes: whether images become codes.
    class_names: of the images, () for none. asked: names of the classes that samples can be asked for, in the order of
    their labels; () where they cannot. scorer: the network that scores images, "" where none does.
    """

    family: Family | None = None
    networks: Mapping[str, bool] = field(default_factory=dict)
    grid: GridKind = "samples"
    encodes: bool = False
    class_names: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    scorer: str = ""

    @property
    def updates(self) -> tuple[UpdateKind, ...]:
        """The updates of a step that can be done by themselves: none where a step is one update."""
        updates = self.family.updates if self.family else ()
        return updates if len(updates) > 1 else ()

    @property
    def caution(self) -> str:
        """What to know of images that are drawn from noise; "" where they are what was trained for."""
        return self.family.caution if self.family and self.grid != "samples" else ""

    @property
    def example(self) -> str:
        """A condition that makes sense in such a run; "" where none is known."""
        return self.family.example if self.family else ""

    @property
    def watch(self) -> str:
        """An expression that is worth watching in such a run; "" where none is known."""
        return self.family.watch if self.family else ""


@lru_cache(maxsize=64)
def family_of(workflow_text: str) -> RunFamily:
    """The family of a run, from its workflow; one of which nothing is known where this version cannot read that."""
    found = trained(workflows.of_run(workflow_text))
    if found is None:
        return RunFamily()
    training = found.training
    present = {port.role for port in found.ports if isinstance(port, NetworkPort)}
    roles = [role for role in training.family.roles if role.name in present]
    readers = [role.name for role in roles if role.reads_images]
    return RunFamily(
        family=training.family,
        networks={role.name: role.reads_images for role in sorted(roles, key=lambda role: not role.reads_images)},
        grid=training.grid,
        encodes=training.codes,
        class_names=training.images.class_names,
        asked=training.asked,
        scorer=readers[0] if readers and training.scores else "",
    )
