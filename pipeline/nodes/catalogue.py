"""The registry of all node types. To add one, write its class in this folder and register it here; no page changes.

Custom nodes are loaded last, from the folders in GENSCOPE_NODES, so that they can import everything here.
"""

from pipeline.families.family import FAMILIES
from pipeline.nodes import custom_nodes
from pipeline.nodes.inputs.augment import Augment
from pipeline.nodes.inputs.data import ImageData
from pipeline.nodes.inputs.diff_augment import DiffAugment
from pipeline.nodes.inputs.files import ImageFiles
from pipeline.nodes.inputs.latents import AutoencoderLatents
from pipeline.nodes.inputs.noise import GaussianNoise
from pipeline.nodes.inputs.solver import DenoisingSolver
from pipeline.nodes.inputs.trained_autoencoder import TrainedAutoencoder
from pipeline.nodes.losses.coding_objectives import AutoencoderObjective, VAEObjective
from pipeline.nodes.losses.denoising_objectives import DDPMObjective, FlowMatching
from pipeline.nodes.losses.label_smoothing import InstanceNoise, LabelSmoothing
from pipeline.nodes.losses.objectives import (
    HingeObjective,
    LeastSquaresObjective,
    MinimaxObjective,
    NonSaturatingObjective,
    RelativisticObjective,
    WassersteinObjective,
)
from pipeline.nodes.losses.penalties import DRAGANPenalty, GradientPenalty, R1R2Penalty
from pipeline.nodes.losses.weight_bounds import WeightClipping, WeightPenalty
from pipeline.nodes.networks.autoencoders import ConvDecoder, ConvEncoder, MLPDecoder, MLPEncoder
from pipeline.nodes.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from pipeline.nodes.networks.mlp import MLPDiscriminator, MLPGenerator
from pipeline.nodes.networks.resnet import ResNetDiscriminator, ResNetGenerator
from pipeline.nodes.networks.spatial_autoencoders import SpatialDecoder, SpatialEncoder
from pipeline.nodes.networks.spectral_norm import SpectralNorm
from pipeline.nodes.networks.unet import UNetDenoiser
from pipeline.nodes.python_objects import GivenDecoder, GivenDiscriminator, GivenEncoder, GivenGenerator, GivenImages
from pipeline.nodes.registry import NODES
from pipeline.nodes.training.autoencoder_training import AutoencoderTraining
from pipeline.nodes.training.checkpoints import Checkpoints
from pipeline.nodes.training.diffusion_training import DiffusionTraining, LatentDiffusionTraining
from pipeline.nodes.training.optimizers import SGD, Adam, AdamW, RMSprop
from pipeline.nodes.training.output import SampleGrid
from pipeline.nodes.training.periodic_evaluation import PeriodicEvaluation
from pipeline.nodes.training.schedules import LearningRateSchedule
from pipeline.nodes.training.tensorboard_log import TensorboardLog
from pipeline.nodes.training.training_node import GANTraining
from pipeline.runs.home import custom_node_folders

__all__ = ["CUSTOM_NODES", "NODES"]

NODES.register(ImageData)
NODES.register(ImageFiles)
NODES.register(Augment)
NODES.register(GaussianNoise)
NODES.register(MLPGenerator)
NODES.register(MLPDiscriminator)
NODES.register(DCGANGenerator)
NODES.register(DCGANDiscriminator)
NODES.register(ResNetGenerator)
NODES.register(ResNetDiscriminator)
NODES.register(SpectralNorm)
NODES.register(MLPEncoder)
NODES.register(MLPDecoder)
NODES.register(ConvEncoder)
NODES.register(ConvDecoder)
NODES.register(SpatialEncoder)
NODES.register(SpatialDecoder)
NODES.register(NonSaturatingObjective)
NODES.register(MinimaxObjective)
NODES.register(LeastSquaresObjective)
NODES.register(HingeObjective)
NODES.register(WassersteinObjective)
NODES.register(RelativisticObjective)
NODES.register(GradientPenalty)
NODES.register(R1R2Penalty)
NODES.register(DRAGANPenalty)
NODES.register(WeightPenalty)
NODES.register(WeightClipping)
NODES.register(LabelSmoothing)
NODES.register(InstanceNoise)
NODES.register(DiffAugment)
NODES.register(AutoencoderObjective)
NODES.register(VAEObjective)
NODES.register(UNetDenoiser)
NODES.register(AutoencoderLatents)
NODES.register(TrainedAutoencoder)
NODES.register(FlowMatching)
NODES.register(DDPMObjective)
NODES.register(DenoisingSolver)
NODES.register(Adam)
NODES.register(AdamW)
NODES.register(RMSprop)
NODES.register(SGD)
NODES.register(LearningRateSchedule)
NODES.register(GANTraining)
NODES.register(AutoencoderTraining)
NODES.register(DiffusionTraining)
NODES.register(LatentDiffusionTraining)
NODES.register(SampleGrid)
NODES.register(PeriodicEvaluation)
NODES.register(Checkpoints)
NODES.register(TensorboardLog)
NODES.register(GivenImages)
NODES.register(GivenGenerator)
NODES.register(GivenDiscriminator)
NODES.register(GivenEncoder)
NODES.register(GivenDecoder)

CUSTOM_NODES = custom_nodes.load(custom_node_folders(), NODES, FAMILIES)
"""The result of loading the custom nodes; every process of Genscope loads them."""
