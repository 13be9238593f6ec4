from pathlib import Path

import pytest

from pipeline.graph.document import read
from pipeline.graph.edit import apply_settings
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES

TEMPLATES = Path(__file__).parents[2] / "pipeline" / "templates"


@pytest.fixture
def template():
    """template("dcgan", "noise.dim=8"): a template with these settings."""

    def load(name: str, *settings: str) -> Workflow:
        return apply_settings(read((TEMPLATES / f"{name}.json").read_bytes(), name), settings, NODES)

    return load


@pytest.fixture
def small(template):
    """small("dcgan", …): a template on the 8×8 digits, which load instantly."""

    def load(name: str, *settings: str) -> Workflow:
        makes = "generator" if "generator" in template(name).nodes else "decoder"
        smaller = ["data.dataset=digits", f"{makes}.image_size=8", "training.device=cpu", *settings]
        return template(name, *smaller)

    return load
