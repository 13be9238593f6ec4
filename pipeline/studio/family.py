"""What a run's family of models offers to pages, from the run's workflow, so that pages need not name any family."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.families.family import Family, UpdateKind
from pipeline.families.sampling_options import SamplingOption
from pipeline.families.sampling_path import SamplingPath
from pipeline.nodes.phases import GridKind, Phase, grid_at, untrained
from pipeline.nodes.ports import NetworkPort
from pipeline.nodes.training_subgraph import training_subgraph
from pipeline.studio import workflows


@dataclass(frozen=True)
class RunFamily:
    """A run's use of its family.

    family: None if the run's workflow is unreadable or invalid in this version of Genscope.
    networks: role -> whether the network takes images as input; those that do come first.
    grid: what its sample grids show, if it has no phases.
    phases: its phases, () if every update is part of every step.
    encodes: whether images are encoded into latent codes.
    class_names: names of the classes of the images, () if they have none.
    asked: names of the classes that can be requested from a conditional run, in label order; () otherwise.
    scorer: role of the network that scores images, "" if there is none.
    options: the options of its sampler, with the run's settings as defaults.
    channels: of its images, 1 or 3.
    """

    family: Family | None = None
    networks: Mapping[str, bool] = field(default_factory=dict)
    grid: GridKind = "samples"
    phases: tuple[Phase, ...] = ()
    encodes: bool = False
    class_names: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    scorer: str = ""
    options: tuple[SamplingOption, ...] = ()
    channels: int = 1

    @property
    def updates(self) -> tuple[UpdateKind, ...]:
        """The updates of a step that can be done separately; () if a step is a single update."""
        updates = self.family.updates if self.family else ()
        return updates if len(updates) > 1 else ()

    def grid_at(self, step: int) -> GridKind:
        """What the sample grid drawn after `step` steps shows."""
        return grid_at(self.phases, step, self.grid)

    @property
    def path(self) -> SamplingPath | None:
        """How the way from noise to its images is shown; None if they are made in one pass."""
        return self.family.path if self.family else None

    def caution(self, step: int) -> str:
        """A caution about images drawn from noise after `step` steps; "" if the run is then trained to draw them."""
        if self.family and self.grid != "samples":
            return self.family.caution
        return untrained(self.phases, step)

    @property
    def example(self) -> str:
        """An example of a breakpoint condition for this family; "" if it has none."""
        return self.family.example if self.family else ""

    @property
    def watch(self) -> str:
        """An example of an expression to watch for this family; "" if it has none."""
        return self.family.watch if self.family else ""


@lru_cache(maxsize=64)
def family_of(workflow_text: str, data_text: str = "null") -> RunFamily:
    """The family of a run, from its workflow; an empty `RunFamily` if that is unreadable or invalid in this version."""
    found = training_subgraph(workflows.of_run(workflow_text, data_text))
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
        phases=training.phases,
        encodes=training.codes,
        class_names=training.images.class_names,
        asked=training.asked,
        channels=training.images.shape[0],
        scorer=readers[0] if readers and training.scores else "",
        options=training.options,
    )
