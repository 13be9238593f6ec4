"""A folder with a custom generator node that is a plain torch module, for tests of several packages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pipeline.graph import edit
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.custom_nodes import CustomNodes, load
from pipeline.studio import workflows

NODE = '''
"""A generator with a skip connection."""
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.node import Category, Port
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.networks.module_node import ModuleNode
from pipeline.nodes.networks.network_node import AnySizeField, NoiseWire
from pipeline.nodes.ports import GeneratorPort


@NODES.register
class SkipGenerator(ModuleNode):
    """Two layers, with the noise fed to the second one too."""

    title: ClassVar[str] = "Skip generator"
    category: ClassVar[Category] = "generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (GeneratorPort,)

    noise: NoiseWire
    image_size: AnySizeField = 8
    width: Annotated[int, Field(ge=1, le=64, description="Width of the hidden layer.")] = 16
    fault: Annotated[
        Literal["none", "made", "called", "exits", "looks", "no module"], Field(description="What goes wrong.")
    ] = "none"

    def infer(self, noise):
        return GeneratorPort(None, (1, self.image_size, self.image_size), noise.dim)

    def module(self, port):
        from ._networks import Skipping

        if self.fault == "made":
            raise ValueError("This width is unlucky.")
        return Skipping(port.latent_dim, self.width, port.image_shape, self.fault) if self.fault != "no module" else 3

    def example(self, port):
        import torch

        return torch.randn(2, port.latent_dim)

    def build(self, building, noise):
        from pipeline.families.adversarial.parts import GeneratorPart

        return GeneratorPart(building.node_id, self.built(building), noise)
'''
NETWORKS = '''
"""The network of the node."""
import sys
from math import prod

import torch
from torch import nn


class Skipping(nn.Module):
    def __init__(self, latent_dim, width, image_shape, fault):
        super().__init__()
        self.first = nn.Linear(latent_dim, width)
        self.second = nn.Linear(width + latent_dim, prod(image_shape), bias=False)
        self.image_shape, self.fault = image_shape, fault

    def forward(self, noise):
        if self.fault == "called":
            noise = noise[:, 1:]
        if self.fault == "exits":
            sys.exit(3)
        if self.fault == "looks" and noise.abs().max().item() > 1e9:
            raise ValueError("out of range")
        hidden = torch.relu(self.first(noise))
        return torch.tanh(self.second(torch.cat([hidden, noise], dim=1))).view(-1, *self.image_shape)
'''
SETTINGS = (
    "data.dataset=digits", "noise.dim=10", "discriminator.hidden=16,16", "training.batch_size=8", "samples.count=4",
    "training.device=cpu",
)  # fmt: skip


def write(folder: Path, networks: str = NETWORKS) -> None:
    """Write the two files of the node."""
    folder.mkdir(exist_ok=True)
    (folder / "own_skip.py").write_text(NODE)
    (folder / "_networks.py").write_text(networks)


@contextmanager
def loaded(folder: Path, networks: str = NETWORKS) -> Iterator[CustomNodes]:
    """Context in which the node is registered."""
    write(folder, networks)
    before = dict(NODES._classes)
    try:
        own = load([folder], NODES)
        assert own.failed == ()
        yield own
    finally:
        NODES._classes = before


def skipping(**inputs: object) -> Workflow:
    """A GAN of this generator and a small discriminator on 8×8 digits."""
    workflow = edit.apply_settings(workflows.open_template("mlp-gan"), SETTINGS, NODES)
    generator = NodeData("SkipGenerator", {"noise": ["noise", 0], **inputs}, "Skipping")
    return replace(workflow, nodes={**workflow.nodes, "generator": generator})
