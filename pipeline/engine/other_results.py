"""Why several processes do not train exactly what a single one would, in a sentence for the run's events."""

from collections.abc import Iterator

from pipeline.engine.active_run import ActiveRun
from pipeline.formatting import listed
from pipeline.graph.check import Report
from pipeline.models.unlike_one_process import by_share, drops_out, unknown
from pipeline.training.trainer import Trainer

OWN = "pipeline."
"""Beginning of the names of modules whose nodes are known not to mix the images of a batch."""
NAMED = 4
"""Layers and nodes that a reason names; a network may have hundreds."""


def other_results(trainer: Trainer, report: Report) -> str:
    """What may make the results of this run's processes differ from those of one by more than the rounding of sums; ""
    if nothing does, or if there is only one process. report: on the run's workflow."""
    count = trainer.state.ranks.count
    reasons = list(_reasons(trainer, report)) if count > 1 else []
    if not reasons:
        return ""
    return f"The results of {count} processes may differ from those of one by more than rounding: {'; '.join(reasons)}."


def say(run: ActiveRun, who: str) -> None:
    """Record it as an event, if there is anything to say."""
    if sentence := other_results(run.trainer, run.checked.report):
        run.event("processes", sentence, who)


def _reasons(trainer: Trainer, report: Report) -> Iterator[str]:
    settings, networks = trainer.experiment.settings, trainer.state.networks
    for role, network in networks.items():
        if layers := by_share(network):
            yield f"in the {role}, {_named(layers)} would need the images of all processes"
        if layers := unknown(network):
            yield (
                f"in the {role}, the custom code of {_named(layers)} may mix the images of a batch or "
                "draw random numbers of its own"
            )
    own = [
        f"{report.titles[node_id]} ({node_id})"
        for node_id, node in report.nodes.items()
        if not type(node).__module__.startswith(OWN)
    ]
    if own:
        yield f"custom nodes, {_named(own)}, may mix the images of a batch or draw random numbers of their own"
    if settings.precision == "bf16":
        yield "with bf16, each process rounds the gradients of its images to 8 bits before they are added up"
    if settings.device.type != "cpu" and any(map(drops_out, networks.values())):
        yield f"dropout draws other random numbers on {settings.device.type}"


def _named(things: list[str]) -> str:
    more = len(things) - NAMED
    return listed([*things[:NAMED], *([f"{more:,} more"] if more > 0 else [])])
