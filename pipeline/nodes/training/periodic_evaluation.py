"""The node that measures during training how good generated images are."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, Field

from pipeline.formatting import listed, shortened
from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning
from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Need
from pipeline.nodes import mends
from pipeline.nodes.building import Building
from pipeline.nodes.ports import TrainingPort

if TYPE_CHECKING:
    from pipeline.training.experiment import Experiment
    from pipeline.training.parts import EvaluationPart

PRESETS: Mapping[str, str] = {
    "sliced_distance, precision, recall, auth_pct": "Distance, quality, variety, copies",
    "sliced_distance": "Sliced distance only",
    "precision, recall, density, coverage": "Quality and variety",
    "frechet_distance, kid, sliced_distance": "Three distances",
    "classifier_score, class_shares": "Classes",
    "psnr, ssim": "Reconstructions",
}
FEATURES: Mapping[str, str] = {
    "auto": "auto: by what the images are",
    "digits": "digits: a classifier of handwritten digits",
    "own": "own: a classifier trained on the run's labels",
    "efficientnet": "efficientnet: EfficientNet-Lite0, for colour",
}


def metric_names(text: str) -> tuple[str, ...]:
    """The names in a text that separates them by commas, each once, in their order."""
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def _metrics(text: str) -> str:
    names = metric_names(text)
    if unknown := [name for name in names if name not in METRICS]:
        word = "is no metric" if len(unknown) == 1 else "are no metrics"
        named = listed([repr(name[:40]) for name in unknown])
        raise ValueError(f"but {named} {word}; choose from {', '.join(METRICS)}")
    if not names:
        raise ValueError(f"which names no metric; choose from {', '.join(METRICS)}")
    return ", ".join(names)


def _best(name: str) -> str:
    name = name.strip()
    if name and name not in _RANKED:
        why = f"whose best value is that of real images, so that none of its values is the best; choose {_CHOICES}"
        raise ValueError(why if name in METRICS else f"which is not one of {_CHOICES}")
    return name


def _features(name: str) -> str:
    if not name.strip():
        raise ValueError(f"which names no features; choose {', '.join(FEATURES)}, or the path of a file")
    return name.strip()


_RANKED = tuple(name for name, metric in METRICS.items() if metric.better != "real")
_CHOICES = ", ".join(_RANKED)


class PeriodicEvaluation(Node):
    """Measures every n steps how good the generated images are, compared with held-out images, and draws it as charts.

    Images are drawn from the averaged weights, always from the same noise. Breakpoints and watches may use the values;
    the checkpoint at which one of them was best can be kept. Training waits while it measures, which Train shows.
    """

    title: ClassVar[str] = "Periodic evaluation"
    category: ClassVar[Category] = "output"
    outputs: ClassVar[tuple[type[Port], ...]] = ()
    at_most: ClassVar[int | None] = 1

    training: Annotated[Link, TrainingPort, Field(description="The training whose images are evaluated.")]
    every: Annotated[
        int, Field(ge=1, le=1_000_000, description="Steps between two evaluations."), Param(key=True, step=100)
    ] = 500
    count: Annotated[
        int,
        Field(
            ge=50,
            le=10_000,
            description="Generated images of one evaluation. Values of different numbers cannot be compared.",
        ),
        Param(key=True, step=50),
    ] = 500
    metrics: Annotated[
        str,
        AfterValidator(_metrics),
        Field(description=f"What is measured: names, separated by commas, from {', '.join(METRICS)}."),
    ] = next(iter(PRESETS))
    features: Annotated[
        str,
        AfterValidator(_features),
        Field(
            description="The network by whose features images are compared: digits, own, efficientnet, or the path of "
            "a file; auto chooses by what the images are."
        ),
    ] = "auto"
    keep_best: Annotated[
        str,
        AfterValidator(_best),
        Field(
            description="The metric by which the best checkpoint is kept, besides the last three and one per doubling "
            "of steps. Empty keeps none."
        ),
    ] = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the metrics."""
        return metric_names(self.metrics)

    @classmethod
    def offers(cls, parameter: str) -> Mapping[str, str]:
        ranked = {"": "None", **{name: METRICS[name].title for name in _RANKED}}
        return {"metrics": PRESETS, "features": FEATURES, "keep_best": ranked}.get(parameter, {})

    def infer(self, training: TrainingPort) -> None:
        if not training.images.held_out:
            raise Misfit(
                "No images are held out, with which generated ones could be compared. Hold some out in the node of the "
                "images, or remove this node."
            )
        if self.keep_best and self.keep_best not in self.names:
            raise Misfit(
                f"The best checkpoint cannot be found by {self.keep_best}, which is not measured: add it to the "
                "metrics, or choose one of them.",
                field="keep_best",
                value=next((name for name in self.names if name in _RANKED), ""),
            )
        recorded = {*training.metrics, *(each.name for each in training.checkup)}
        if taken := [name for name in self.names if name in recorded]:
            raise Misfit(
                f"The training records a series {taken[0]} of its own: leave this metric out.", field="metrics"
            )
        if self.features == "own" and training.images.classes < 2:
            raise Misfit(
                "The images have no classes on which features of their own could be trained: choose other features.",
                field="features",
                value="auto",
            )

    def outside(self) -> str:
        return str(self._file_is_missing())

    def _file_is_missing(self) -> bool:
        return self.features not in FEATURES and not Path(self.features).expanduser().is_file()

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        training = report.ports[self.training.node][self.training.output]
        if not isinstance(training, TrainingPort):
            return
        if self._file_is_missing():
            # No problem: images can be drawn from a stored run without the file.
            yield CheckWarning(
                node_id,
                f"There is no file {shortened(self.features)!r} of features, and the run cannot begin without it.",
                mends.setting(report, node_id, "features", "auto"),
            )
        if self.every > training.total_steps:
            yield CheckWarning(
                node_id,
                f"It is evaluated only at its end: there are {self.every:,} steps between two evaluations, but the "
                f"training has {training.total_steps:,}.",
                mends.setting(report, node_id, "every", mends.rounded_down(training.total_steps / 5)),
            )
        # Without a prior, reconstructions are all that a training draws.
        if training.grid == "reconstructions" and not training.phases and not set(self.names) <= {"psnr", "ssim"}:
            yield CheckWarning(
                node_id,
                "This training draws no images at random: reconstructions of held-out images stand for generated ones.",
                mends.setting(report, node_id, "metrics", "psnr, ssim"),
            )
        for need, reason in self._absent(training):
            useless = [name for name in self.names if need in METRICS[name].needs]
            if not useless:
                continue
            rest = ", ".join(name for name in self.names if name not in useless)
            titles = listed([METRICS[name].title for name in useless])
            yield CheckWarning(
                node_id,
                f"{reason}, so there will be no values of {titles}.",
                mends.setting(report, node_id, "metrics", rest) if rest else None,
            )

    def _absent(self, training: TrainingPort) -> Iterator[tuple[Need, str]]:
        """What metrics may need and this training or these features do not have, and why."""
        if training.scores is None:
            yield "scores", "No network of this training scores images"
        if not training.codes:
            yield "reconstructions", "This training does not encode images"
        if self.features == "efficientnet":
            yield "classes", "These features tell no classes apart"

    def build(self, building: Building, training: "Experiment") -> "EvaluationPart":
        from pipeline.training.parts import EvaluationPart

        return EvaluationPart(building.node_id, self.every, self.count, self.names, self.features, self.keep_best)
