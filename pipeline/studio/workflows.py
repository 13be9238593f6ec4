"""Open, check, change and save workflows."""

import json
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image

from pipeline.data.files.formats import ENDINGS
from pipeline.errors.workflow import NameExists, UnknownTemplate, UnreadableDocument
from pipeline.formatting import shortened, size
from pipeline.graph import document, edit
from pipeline.graph.check import Report, check
from pipeline.graph.findings import Mend
from pipeline.graph.mending import mend_of
from pipeline.graph.node import Node
from pipeline.graph.png import SIGNATURE
from pipeline.graph.workflow import Json, Workflow
from pipeline.nodes import training_subgraph
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.run_data import known_ports
from pipeline.runs import workflows as shelf
from pipeline.runs.series import Series, checkup_of, names_of

FOLDER = Path(__file__).parents[1] / "templates"
ORDER = (
    "dcgan", "latent-diffusion", "mlp-gan", "conditional-dcgan", "lsgan", "wgan-gp", "hinge-sngan", "r3gan", "textures",
    "medical-images", "autoencoder", "vae", "flow", "ddpm",
)  # fmt: skip
"""The order in which templates are shown; a template that is missing here comes last."""
DEFAULT_TEMPLATE = ORDER[0]
MINUTES = {"dcgan": 1, "latent-diffusion": 3}
"""The templates to begin with, and the minutes until digits are readable, on two CPU cores."""
LARGEST_FILE = 16_000_000
"""Maximum size of a file to open as a workflow, in bytes. Sample grids may be large; the workflow in them is far
smaller."""

THUMBNAIL_SIZE = (144, 72)
"""Width and height in pixels; shown at half this size."""
MOST_MENDS = 30
"""Maximum number of problems for which a mend is looked for; a file from another program may have hundreds."""

PICTURES = (
    (b"\xff\xd8\xff", 0, "JPEG"), (b"GIF8", 0, "GIF"), (b"WEBP", 8, "WebP"), (b"BM", 0, "BMP"), (b"II*\0", 0, "TIFF"),
    (b"MM\0*", 0, "TIFF"), (b"ftypavif", 4, "AVIF"), (b"ftyphei", 4, "HEIF"), (b"\0\0\0\x0cjP  ", 0, "JPEG 2000"),
    (b"\xff\x0a", 0, "JPEG XL"), (b"\0\0\0\x0cJXL ", 0, "JPEG XL"),
)  # fmt: skip
"""First bytes, their place in the file, and name of the formats in which pictures are saved elsewhere."""


@dataclass(frozen=True)
class Template:
    """A workflow that comes with Genscope. picture: path of a PNG of what it generates after training. minutes: until
    its images are readable, on two CPU cores; 0 if it is not one to begin with."""

    name: str
    title: str
    description: str
    picture: Path
    minutes: int = 0


@cache
def templates() -> tuple[Template, ...]:
    """The templates in ORDER, the default first."""
    place = {name: index for index, name in enumerate(ORDER)}
    names = sorted((path.stem for path in FOLDER.glob("*.json")), key=lambda name: (place.get(name, len(place)), name))
    opened = {name: open_template(name) for name in names}
    return tuple(
        Template(name, workflow.name or name, workflow.description, FOLDER / f"{name}.png", MINUTES.get(name, 0))
        for name, workflow in opened.items()
    )


def open_template(name: str) -> Workflow:
    """The template of this name. Raises UnknownTemplate."""
    paths = {path.stem: path for path in FOLDER.glob("*.json")}
    if name not in paths:
        raise UnknownTemplate(name, [template.name for template in templates()])
    return document.read(paths[name].read_bytes(), f"The template {name!r}")


def saved_names(home: Path) -> list[str]:
    """The names of saved workflows, the most recently saved first."""
    return [workflow.name for workflow in shelf.saved(home)]


@cache
def thumbnail(template: Template) -> bytes:
    """Some of what the template generates as a small PNG, twice as wide as it is high."""
    with Image.open(template.picture) as picture:
        part = picture.crop((0, 0, picture.height, picture.height // 2)).resize(THUMBNAIL_SIZE)
    stream = BytesIO()
    part.save(stream, "PNG")
    return stream.getvalue()


def open_saved(home: Path, name: str) -> Workflow:
    """The workflow saved under this name. Raises UnknownWorkflow or UnreadableDocument."""
    workflow = document.read(shelf.load(home, name), f"The saved workflow {name!r}")
    return replace(workflow, name=name)


def open_file(content: bytes, file_name: str) -> Workflow:
    """Read the workflow in a JSON file or in a picture saved by Genscope; a picture may have any file extension.

    The workflow's name, or else the file's, is cut to what a name may be: `pipeline.runs.workflows.as_name`.

    Raises UnreadableDocument.
    """
    source = f"The file {shortened(file_name)!r}"
    if len(content) > LARGEST_FILE:
        remedy = "Upload images for training on the Data page."
        raise UnreadableDocument(source, f"it has {size(len(content))}; the limit is {size(LARGEST_FILE)}", remedy)
    if kind := _picture_kind(content, file_name):
        remedy = "Choose the grid as Genscope saved it, or a workflow as JSON."
        raise UnreadableDocument(source, f"it is a {kind} picture, and the workflow was lost with the PNG", remedy)
    if content.startswith(SIGNATURE) or file_name.lower().endswith(".png"):
        workflow = document.read_png(content, source)
    else:
        workflow = document.read(content, source)
    name = shelf.as_name(workflow.name) or shelf.as_name(Path(file_name).stem) or "workflow"
    return replace(workflow, name=name)


def _picture_kind(content: bytes, file_name: str) -> str:
    """The format of a picture that is no PNG, by its first bytes or else its file extension; "" if it is none."""
    for start, place, kind in PICTURES:
        if content[place:].startswith(start):
            return kind
    ending = Path(file_name).suffix.lower()
    known = ending in ENDINGS and ending != ".png"
    return ending if known and not content.startswith(SIGNATURE) and not content.lstrip().startswith(b"{") else ""


def save(
    home: Path, workflow: Workflow, name: str, *, known: Workflow | None = None, replacing: bool = False
) -> Workflow:
    """Save the workflow under `name` and return it with that name.

    known: the workflow as this user last opened or saved it. If the saved file still equals it, it is replaced; if
    another user has changed the file since, NameExists is raised.
    replacing: replace an existing workflow in any case.
    Raises NameExists, UnusableName or CannotWrite.
    """
    named = replace(workflow, name=name.strip())
    text = document.write(named)
    try:
        shelf.save(home, name, text, replace=replacing)
    except NameExists:
        if known is None or shelf.load(home, name) != document.write(known):
            raise
        shelf.save(home, name, text, replace=True)
    return named


def set_parameter(workflow: Workflow, node_id: str, name: str, value: Json) -> Workflow:
    """The workflow with this parameter set. Raises InvalidValue if the value is invalid for the parameter, regardless
    of the rest of the workflow; UnknownNode or UnknownParameter."""
    return edit.set_valid_parameter(workflow, node_id, name, value, NODES)


def report(workflow: Workflow) -> Report:
    """Check a workflow: its problems, and facts about its valid nodes. Cached for the last few workflows."""
    return checked(document.write(workflow))


def checked(text: str) -> Report:
    """Check a workflow, given as its document, unless neither it nor the files that it names have changed since. Raises
    UnreadableDocument."""
    return _checked(text, tuple(node.outside() for node in _looking_outside(text)))


def mends(workflow: Workflow) -> tuple[Mend | None, ...]:
    """What mends each problem of `report`, in their order: None where nothing is obvious, and beyond MOST_MENDS."""
    text = document.write(workflow)
    return _mends(text, tuple(node.outside() for node in _looking_outside(text)))


@lru_cache(maxsize=32)
def _mends(text: str, outside: tuple[str, ...]) -> tuple[Mend | None, ...]:
    found = _checked(text, outside)
    return tuple(
        mend_of(found, problem, NODES) if number < MOST_MENDS else None for number, problem in enumerate(found.problems)
    )


@lru_cache(maxsize=32)
def _checked(text: str, outside: tuple[str, ...]) -> Report:
    return check(document.read(text, "The workflow"), NODES)


@lru_cache(maxsize=32)
def _looking_outside(text: str) -> tuple[Node, ...]:
    nodes = check(document.read(text, "The workflow"), NODES).nodes.values()
    return tuple(node for node in nodes if type(node).outside is not Node.outside)


@lru_cache(maxsize=32)
def checked_as_recorded(text: str, data_text: str) -> Report:
    """As `checked`, with a run's record of its images in place of the images."""
    return check(document.read(text, "The workflow"), NODES, known_ports(json.loads(data_text)))


def of_run(workflow_text: str, data_text: str = "null") -> Report:
    """The report on a run's workflow, with the run's record of its images (`RunRecord.data_text`) in place of the
    images: they may have been moved or changed since. If this version cannot read the document, the report is on an
    empty workflow, so that pages can still show the run."""
    try:
        return checked_as_recorded(workflow_text, data_text)
    except UnreadableDocument:
        return check(Workflow("", {}), NODES)


@lru_cache(maxsize=64)
def series_of(workflow_text: str, data_text: str = "null") -> tuple[Series, ...]:
    """The series that a run of this workflow records, in chart order; breakpoints and watches may use them. Empty if
    this version of Genscope cannot read the workflow."""
    return training_subgraph.series_of(of_run(workflow_text, data_text))


@lru_cache(maxsize=64)
def measured_names(workflow_text: str, data_text: str = "null") -> frozenset[str]:
    """Names of the series that are measured at some steps only of this workflow's runs: with each sample grid, or by a
    periodic evaluation. If this version of Genscope cannot read the workflow, those of every family."""
    report = of_run(workflow_text, data_text)
    found = training_subgraph.training_subgraph(report)
    checkup = checkup_of() if found is None else found.training.checkup
    return frozenset(names_of((*checkup, *training_subgraph.evaluated_series(report))))
