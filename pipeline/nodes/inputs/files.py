"""The node of your own image files: a folder, a zip, a tar, or a file of arrays."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.data.files.rules import Rules
from pipeline.data.files.shades import Shades
from pipeline.data.files.survey import Survey, survey
from pipeline.data.findings import NOT_READ, of_survey
from pipeline.data.findings_cache import findings_version, kept_findings
from pipeline.data.fitting import LARGEST_SIZE, ChannelMode, Fit, Preparation
from pipeline.data.large.choosing import AUTOMATIC, BY_NODE, Decoding
from pipeline.data.value_range import SIGNED
from pipeline.errors.data import UnusableSource
from pipeline.graph.node import Category, Misfit, Node, Param, Port, Remarks
from pipeline.nodes.building import Building
from pipeline.nodes.inputs.value_range_field import ValueRangeField
from pipeline.nodes.ports import ImagesPort
from pipeline.runs.home import home_path

if TYPE_CHECKING:
    from pipeline.training.parts import RealImages


class ImageFiles(Node):
    """Your own images, from a folder, a zip, a tar, shards or a file of arrays.

    A folder has all image files in it, or one subfolder per class, or folders named like train and test with these
    inside; a zip or a tar holds such a folder. A table beside the images, such as labels.csv, metadata.jsonl or
    dataset.json, gives labels and captions. Shards are WebDataset's `.tar` files or Parquet files with a column of
    images, one or a folder of them. Array files are an `.npz` such as MedMNIST's, an IDX file, or CIFAR-10's Python
    batches. Images may have any size and format; broken ones are skipped and listed on the Data page. The prepared
    images are cached until the files change, or decoded while training if there are too many.
    """

    title: ClassVar[str] = "Image files"
    category: ClassVar[Category] = "real"
    outputs: ClassVar[tuple[type[Port], ...]] = (ImagesPort,)

    source: Annotated[
        str,
        Field(
            max_length=1000,
            description="Path to the images. A relative path is looked up in the working directory, then in "
            "GENSCOPE_HOME/uploads, which holds what you upload on the Data page.",
        ),
        Param(key=True),
    ] = ""
    image_size: Annotated[
        int,
        Field(ge=4, le=LARGEST_SIZE, description="Side in pixels that every image is resized to."),
        Param(key=True, step=4),
    ] = 32
    fit: Annotated[
        Fit,
        Field(
            description="How to make images square. crop: keep the centre. pad: add black bars. stretch: change the "
            "proportions."
        ),
    ] = "crop"
    channels: Annotated[
        ChannelMode,
        Field(description="as they come: grey if most images are grey, otherwise colour, for all of them."),
    ] = "as they come"
    shades: Annotated[
        Shades,
        Field(
            description="Which stored values become black and white. as stored: chosen by the values, and named on the "
            "Data page. full: all that the type can hold. largest value: 0 to the largest value of all images. "
            "percentiles: without the darkest and brightest 0.5%. 8 to 16 bits: 0 to 255, 1,023, 4,095, 16,383 or "
            "65,535, for images of more than 8 bits."
        ),
    ] = "as stored"
    held_out: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="Share of each class's images that training never sees. If the source has its own held-out "
            "images (folders train and test, MedMNIST's val and test), those are used instead.",
        ),
        Param(step=0.05),
    ] = 0.1
    decoding: Annotated[
        Decoding,
        Field(
            description="before training: all images are decoded and kept in memory. while training: each is decoded "
            "in the background when it is drawn, so that a set of any size needs little memory. automatic: before "
            "training if the prepared images take at most a quarter of this machine's memory, or "
            "GENSCOPE_DECODED_BUDGET megabytes. Batches are the same, but for damaged images: before training they are "
            "left out, while training each is replaced by the next one."
        ),
    ] = AUTOMATIC
    value_range: ValueRangeField = SIGNED
    rules: Annotated[
        Rules,
        Field(
            description="The version whose rules of reading hold: which files are read, and their order, classes and "
            "split. Runs made by version 0.3 keep 0.3, so that they resume exactly; otherwise leave 0.4."
        ),
        Param(label="Reading rules"),
    ] = "0.4"

    def infer(self) -> ImagesPort:
        found = self._survey()
        train, held_out = found.split(self.held_out)
        shape = found.shape(self._preparation)
        names = found.class_names
        return ImagesPort(shape, len(names), train, held_out, names, self.fit, self.value_range)

    def outside(self) -> str:
        try:
            return findings_version(self.source, home_path(), self._preparation, self.held_out)
        except UnusableSource as error:
            return str(error)

    def remarks(self) -> Remarks:
        if known := kept_findings(self.source, home_path(), self._preparation, self.held_out):
            # They may be of a workflow that decodes the same set at another time.
            others = {AUTOMATIC: (BY_NODE,), "before training": (known.later,), "while training": ()}[self.decoding]
            return Remarks(replace(known, later="" if known.later in others else known.later).line, known.warnings)
        found = of_survey(self._survey(), self.held_out)
        return Remarks(f"{found.line} {NOT_READ}", found.warnings)

    def build(self, building: Building) -> "RealImages":
        from pipeline.data.sources import load_files
        from pipeline.training.parts import RealImages

        train, held_out = load_files(
            self.source,
            self._preparation,
            self.held_out,
            building.device,
            building.home,
            building.progress,
            self.decoding,
        )
        return RealImages(building.node_id, train, held_out, len(self._survey().class_names), fit=self.fit)

    @property
    def _preparation(self) -> Preparation:
        return Preparation(self.image_size, self.fit, self.channels, self.shades, self.rules)

    def _survey(self) -> Survey:
        try:
            return survey(self.source, home_path(), self.rules)
        except UnusableSource as error:
            raise Misfit(str(error), field="source") from error
