"""The views of the Inspect page."""

from typing import Literal

from pages.components.shell.view_field import pick_view
from pipeline.families.sampling_path import SamplingPath

InspectView = Literal["step", "layers", "codes", "path", "film", "profile"]
VIEWS: dict[InspectView, str] = {
    "step": "Step",
    "layers": "Layers",
    "codes": "Codes",
    "path": "Path",
    "film": "Film strip",
    "profile": "Profile",
}


def choose_view(run: str, *, encodes: bool, path: SamplingPath | None) -> InspectView:
    """Draw the control and return the chosen view.

    encodes: whether the run encodes images and so has a Codes view. path: of the run's family, whose title its view
    has; None for images that are made in one pass.
    """
    missing = {*(() if encodes else ("codes",)), *(() if path else ("path",))}
    titles = {view: path.title if path and view == "path" else title for view, title in VIEWS.items()}
    return pick_view("inspect", run, {view: title for view, title in titles.items() if view not in missing})
