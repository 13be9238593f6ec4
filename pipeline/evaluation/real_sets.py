"""The real images that generated ones are compared with: the run's own, or those of another set, prepared alike."""

from dataclasses import dataclass

from pipeline.data.fitting import Preparation
from pipeline.data.images import ImageSet, hash_of, on_cpu
from pipeline.data.progress import ReadProgress
from pipeline.data.sets import FACTS
from pipeline.data.sources import load, load_files
from pipeline.errors.evaluation import NothingHeldOut, UnfitSet
from pipeline.graph.check import Report
from pipeline.nodes.checked_workflow import check_run, checked_for_drawing
from pipeline.nodes.inputs.data import ImageData
from pipeline.nodes.inputs.files import ImageFiles
from pipeline.runs.store import RunRecord, Store
from pipeline.sampling.real_images import real_images
from pipeline.training.parts import RealImages

PURPOSE = "compare generated images with them"
SHARE = 0.1
"""Share of a set without a split of its own that is held out."""


@dataclass(frozen=True, eq=False)
class RealSets:
    """The two sets that generated images are compared with, on the CPU.

    name: of the set, as users chose it. own: whether it is the run's own. content: a hash of all pixels.
    """

    train: ImageSet
    held_out: ImageSet
    class_names: tuple[str, ...]
    name: str
    own: bool
    content: str

    @property
    def images(self) -> RealImages:
        """Both sets as one."""
        findings = self.train.findings
        return RealImages(self.name, self.train, self.held_out, findings.classes if findings else 0)


def real_sets(store: Store, record: RunRecord, data: str, progress: ReadProgress) -> RealSets:
    """The real images to compare images of this run with.

    data: "" for the run's own set, or a named set, or the path of image files. Raises NothingHeldOut, UnfitSet,
    ImagesNeeded, UnusableSource, and what `progress` raises.
    """
    found = _other(store, record, data, progress) if data else _own(store, record)
    if not found.held_out.count:
        raise NothingHeldOut(record.id, found.name, own=found.own)
    return found


def _own(store: Store, record: RunRecord) -> RealSets:
    checked = check_run(record, PURPOSE)
    real = real_images(store, record, checked, PURPOSE)
    return sets_of(real, checked.report)


def sets_of(real: RealImages, report: Report) -> RealSets:
    """The real images of a training on any device. report: on its workflow."""
    return _sets(on_cpu(real.train), on_cpu(real.held_out), _name(report, real.node), own=True)


def _name(report: Report, node_id: str) -> str:
    """How users know the set of a node."""
    match report.nodes[node_id]:
        case ImageData() as node:
            return node.dataset
        case ImageFiles() as node:
            return node.source
        case _:
            return report.titles[node_id]


def _other(store: Store, record: RunRecord, data: str, progress: ReadProgress) -> RealSets:
    port = checked_for_drawing(record).training.images
    channels, size, _ = port.shape
    if data not in FACTS:
        preparation = Preparation(size, port.fit, "grey" if channels == 1 else "colour")
        return _sets(*load_files(data, preparation, SHARE, "cpu", store.home, progress), data, own=False)
    if FACTS[data].channels != channels:
        kinds = ("grey", "in colour") if FACTS[data].channels == 1 else ("in colour", "grey")
        raise UnfitSet(data, f"they are {kinds[0]}, and those of the run are {kinds[1]}")
    return _sets(*load(data, size, "cpu", store.home, progress), data, own=False)


def _sets(train: ImageSet, held_out: ImageSet, name: str, *, own: bool) -> RealSets:
    names = train.findings.class_names if train.findings else ()
    content = hash_of(train, held_out)
    return RealSets(train, held_out, names, name, own, content)
