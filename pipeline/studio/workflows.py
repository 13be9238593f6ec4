"""What a user does with workflows before anything is trained: open, check, change and save them."""

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from pipeline.errors.workflow import NameTaken, UnknownWorkflow, UnreadableDocument
from pipeline.formatting import size
from pipeline.graph import document, edit
from pipeline.graph.check import Report, check
from pipeline.graph.png import SIGNATURE
from pipeline.graph.workflow import Json, Workflow
from pipeline.nodes import recorded
from pipeline.nodes.catalogue import NODES
from pipeline.runs import workflows as shelf
from pipeline.runs.series import Series

FOLDER = Path(__file__).parents[1] / "templates"
ORDER = (
    *("dcgan", "mlp-gan", "conditional-dcgan", "lsgan", "wgan-gp", "hinge-sngan", "r3gan"),
    *("textures", "medical-images", "autoencoder", "vae"),
)
"""The templates from the first to look at to the last; one that is not named here comes after them."""
DEFAULT_TEMPLATE = ORDER[0]
LARGEST_FILE = 16_000_000
"""Bytes of a file that a workflow is looked for in: a grid of samples has some, the text in it far fewer."""


@dataclass(frozen=True)
class Template:
    """A workflow that comes with Genscope. picture: a PNG of what it makes once it has been trained."""

    name: str
    title: str
    description: str
    picture: Path


@cache
def templates() -> tuple[Template, ...]:
    """The workflows that come with Genscope, the default first."""
    place = {name: index for index, name in enumerate(ORDER)}
    names = sorted((path.stem for path in FOLDER.glob("*.json")), key=lambda name: (place.get(name, len(place)), name))
    opened = {name: open_template(name) for name in names}
    return tuple(
        Template(name, workflow.name or name, workflow.description, FOLDER / f"{name}.png")
        for name, workflow in opened.items()
    )


def open_template(name: str) -> Workflow:
    """The template of this name. Raises UnknownWorkflow."""
    paths = {path.stem: path for path in FOLDER.glob("*.json")}
    if name not in paths:
        raise UnknownWorkflow(name, paths)
    return document.read(paths[name].read_bytes(), f"The template {name!r}")


def saved_names(home: Path) -> list[str]:
    """The names under which workflows are saved, the one saved last first."""
    return [workflow.name for workflow in shelf.saved(home)]


def open_saved(home: Path, name: str) -> Workflow:
    """The workflow saved under this name. Raises UnknownWorkflow, UnusableName, UnreadableDocument."""
    workflow = document.read(shelf.load(home, name), f"The saved workflow {name!r}")
    return replace(workflow, name=name)


def open_file(content: bytes, file_name: str) -> Workflow:
    """The workflow in a JSON file, or in a picture that Genscope saved, whatever the file's name ends with.

    Raises UnreadableDocument.
    """
    source = f"The file {file_name[:60]!r}"
    if len(content) > LARGEST_FILE:
        remedy = "Images of your own are uploaded on the Data page."
        raise UnreadableDocument(source, f"it has {size(len(content))}, and {size(LARGEST_FILE)} is the most", remedy)
    if content.startswith(SIGNATURE) or file_name.lower().endswith(".png"):
        workflow = document.read_png(content, source)
    else:
        workflow = document.read(content, source)
    return workflow if workflow.name else replace(workflow, name=Path(file_name).stem[: shelf.LONGEST_NAME])


def save(
    home: Path, workflow: Workflow, name: str, *, known: Workflow | None = None, replacing: bool = False
) -> Workflow:
    """Keeps the workflow under `name` and returns it with that name.

    known: the workflow as this user last saved or opened it; saving it again under its own name replaces it, unless
    somebody else has changed it since. replacing: the user has said to replace whatever is there.
    Raises NameTaken, UnusableName, CannotWrite.
    """
    named = replace(workflow, name=name.strip())
    text = document.write(named)
    try:
        shelf.save(home, name, text, replace=replacing)
    except NameTaken:
        if known is None or shelf.load(home, name) != document.write(known):
            raise
        shelf.save(home, name, text, replace=True)
    return named


def set_parameter(workflow: Workflow, node_id: str, name: str, value: Json) -> Workflow:
    """The workflow with this parameter set. Raises UnfitValue where the parameter cannot have the value, whatever the
    rest of the workflow is; UnknownNode, UnknownParameter."""
    return edit.set_fitting_parameter(workflow, node_id, name, value, NODES)


def report(workflow: Workflow) -> Report:
    """Every problem of the workflow, and what is known of its sound nodes; remembered for the last few workflows."""
    return checked(document.write(workflow))


@lru_cache(maxsize=32)
def checked(text: str) -> Report:
    """The same of a run's workflow, as its record has it. Raises UnreadableDocument."""
    return check(document.read(text, "The workflow"), NODES)


def of_run(workflow_text: str) -> Report:
    """What is known of a run's workflow. A document that this version of the program cannot read has no nodes: its run
    is shown all the same."""
    try:
        return checked(workflow_text)
    except UnreadableDocument:
        return check(Workflow("", {}), NODES)


@lru_cache(maxsize=64)
def series_of(workflow_text: str) -> tuple[Series, ...]:
    """What a run of this workflow records, in chart order: what breakpoints and watches may speak of. None where this
    version of the program cannot read the workflow."""
    return recorded.series_of(of_run(workflow_text))
