"""All kinds of node there are. A new one is a class in this folder and a line here; no page needs a change."""

from pipeline.graph.registry import Registry
from pipeline.nodes.data import ImageData
from pipeline.nodes.dcgan import DCGANDiscriminator, DCGANGenerator
from pipeline.nodes.mlp import MLPDiscriminator, MLPGenerator
from pipeline.nodes.noise import GaussianNoise
from pipeline.nodes.objectives import NonSaturatingObjective, RelativisticObjective, WassersteinGPObjective
from pipeline.nodes.optimizers import Adam
from pipeline.nodes.output import SampleGrid
from pipeline.nodes.training import GANTraining

NODES = Registry()

NODES.register(ImageData)
NODES.register(GaussianNoise)
NODES.register(MLPGenerator)
NODES.register(MLPDiscriminator)
NODES.register(DCGANGenerator)
NODES.register(DCGANDiscriminator)
NODES.register(NonSaturatingObjective)
NODES.register(WassersteinGPObjective)
NODES.register(RelativisticObjective)
NODES.register(Adam)
NODES.register(GANTraining)
NODES.register(SampleGrid)
