"""The Trainer against loops by hand over the same networks and images, for every template, in turns in one process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from pipeline.bench.declaration import Aim, Measurement, Row, Values, Workbench
from pipeline.bench.turns import Train, ratios, seconds_in_turns
from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import ORDER, open_template

if TYPE_CHECKING:
    from pipeline.bench.loops.opened import Opened

LOOP, PASSES, TUTORIAL = "loop by hand", "bare passes", "tutorial loop"
COMPARES = {
    LOOP: "speed of the Trainer relative to a loop by hand that does the same",
    PASSES: "time of the Trainer relative to the passes that its algorithm needs",
    TUTORIAL: "speed of the Trainer relative to the usual tutorial with its DataLoader",
}
AIMS = {LOOP: Aim("at least", 0.98), PASSES: Aim("at most", 1.08), TUTORIAL: Aim("at least", 1.0)}
REASONS: Mapping[str, str] = {
    f"autoencoder, {LOOP}": "Of a step of 14 ms, 0.3 ms go to stages that can be walked singly, and to their clock.",
    f"autoencoder, {PASSES}": (
        "A loop by hand takes 1.17 times as long as the passes, too: averaging the weights of both networks, and the "
        "norms of their gradients, move nearly as many bytes as the optimizer."
    ),
    f"mlp-gan, {PASSES}": (
        "A loop by hand takes 1.07 times as long as the passes, too: it draws images, averages weights and takes norms."
    ),
}
"""Row -> why its aim may be missed, a sentence, as measured on two CPU cores."""


@dataclass(frozen=True)
class Template:
    """How a template is measured. family: the module of its loops. settings: changes of the workflow. first: steps
    before those that are measured. tutorial: whether the tutorial trains the same networks. seconds: about how long."""

    family: Literal["gan", "autoencoder", "diffusion"] = "gan"
    settings: tuple[str, ...] = ()
    first: int = 0
    tutorial: bool = False
    seconds: float = 15.0


OTHERS: Mapping[str, Template] = {
    "dcgan": Template(tutorial=True),
    "mlp-gan": Template(tutorial=True),
    # The pictures of this template would have to be downloaded; others of the same size train at the same speed.
    "medical-images": Template(settings=("data.dataset=petals", "data.image_size=28")),
    "autoencoder": Template("autoencoder"),
    "vae": Template("autoencoder"),
    "flow": Template("diffusion"),
    "ddpm": Template("diffusion"),
    "latent-diffusion": Template("diffusion", ("training.autoencoder_steps=1",), first=1),
}
"""Those that are not GANs measured as they are."""


def measurement_of(name: str) -> Measurement:
    """The measurement of this template."""
    template = OTHERS.get(name, Template())
    kinds = (LOOP, PASSES, *((TUTORIAL,) if template.tutorial else ()))
    rows = (f"{name}, {kind}" for kind in kinds)
    declared = tuple(
        Row(row, COMPARES[kind], AIMS[kind], reason=REASONS.get(row, "")) for row, kind in zip(rows, kinds, strict=True)
    )
    return Measurement(name, declared, template.seconds, partial(_measure, name, template))


def _measure(name: str, template: Template, bench: Workbench) -> Values:
    from pipeline.bench.loops.opened import opened
    from pipeline.training.threads import thread_count, using_threads

    workflow = edit.apply_settings(open_template(name), template.settings, NODES)
    with using_threads(thread_count()):
        bench.say(f"builds {name}")
        built = opened(workflow, bench.folder, template.first)
        trainer = built.trainer()

        def ours(steps: int) -> object:
            return trainer.slice(steps, seconds=float("inf"))

        makers = _makers(template)
        contestants: dict[str, Train] = {"trainer": ours, **{kind: make(built) for kind, make in makers.items()}}
        bench.say(f"trains {name} in turns")
        spent = seconds_in_turns(contestants, bench.effort)
    own = spent.pop("trainer")
    return {
        f"{name}, {kind}": ratios(own, seconds) if AIMS[kind].kind == "at most" else ratios(seconds, own)
        for kind, seconds in spent.items()
    }


def _makers(template: Template) -> Mapping[str, "Callable[[Opened], Train]"]:
    """Kind -> what makes the loop to compare with."""
    from pipeline.bench.loops import autoencoder, diffusion, gan
    from pipeline.bench.loops.tutorial import tutorial

    made: dict[str, Callable[[Opened], Train]]
    match template.family:
        case "gan":
            made = {LOOP: gan.by_hand, PASSES: gan.bare}
        case "autoencoder":
            made = {LOOP: autoencoder.by_hand, PASSES: autoencoder.bare}
        case "diffusion":
            made = {LOOP: diffusion.by_hand, PASSES: diffusion.bare}
    return made | {TUTORIAL: tutorial} if template.tutorial else made


TEMPLATES = tuple(map(measurement_of, ORDER))
