"""The two phases of latent diffusion in one run: train the autoencoder, then, with it frozen, the denoiser on its
latents.

Rombach et al. 2022 (arXiv 2112.10752), the recipe of Stable Diffusion. Each phase is an update that is part of the
phase's steps only.
"""

from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor, nn

from pipeline.families.autoencoder.coding import AutoencoderCoding
from pipeline.families.autoencoder.family import DECODER, ENCODER
from pipeline.families.autoencoder.sampler import ReconstructionSampler
from pipeline.families.autoencoder.step import autoencoder_experiment
from pipeline.families.diffusion.checkup import DenoisingCheckup
from pipeline.families.diffusion.family import DENOISER
from pipeline.families.diffusion.latents import Latents
from pipeline.families.diffusion.parts import DenoisingPart, SamplingPart
from pipeline.families.diffusion.sampler import DenoisingSampler
from pipeline.families.diffusion.step import denoiser_update
from pipeline.training.checkup import Checkup
from pipeline.training.experiment import Experiment
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.parts import RealImages
from pipeline.training.settings import Settings


def latent_diffusion_experiment(
    node: str,
    objective: DenoisingPart,
    optimizers: dict[str, OptimizerPart],
    sampling: SamplingPart,
    settings: Settings,
    autoencoder_steps: int,
    series: tuple[str, ...],
) -> Experiment:
    """Build the Experiment: `autoencoder_steps` steps of the autoencoder, the others of the denoiser.

    node: id of the training node. optimizers: by role. series: what is recorded, as the node declares it.
    """
    denoiser = objective.denoiser
    assert denoiser.latents is not None
    latents = Latents(denoiser.latents)
    first = replace(settings, total_steps=autoencoder_steps)
    coding = autoencoder_experiment(
        node, denoiser.latents.autoencoder, optimizers[ENCODER], optimizers[DECODER], first, series
    )
    (autoencoder,) = coding.updates
    second = denoiser_update(objective, optimizers[DENOISER], settings, latents, autoencoder_steps)
    own = tuple(name for name in series if name not in second.series)
    return replace(
        coding,
        networks={**coding.networks, DENOISER: denoiser.network},
        nodes={**coding.nodes, DENOISER: denoiser.node},
        averaged=(*coding.averaged, DENOISER),
        optimizers={role: optimizers[role] for role in (ENCODER, DECODER, DENOISER)},
        updates=(replace(autoencoder, last=autoencoder_steps, series=own, grid=_reconstructions(coding)), second),
        sampler=DenoisingSampler(objective, sampling, settings),
        grid=None,
        settings=settings,
        checkup=_Both(denoiser.images, coding.checkup, DenoisingCheckup(objective, latents, sampling.guidance)),
    )


def _reconstructions(coding: Experiment) -> ReconstructionSampler:
    """The sampler of the first phase's grids: an untrained denoiser makes nothing to look at."""
    assert isinstance(coding.coding, AutoencoderCoding)
    return ReconstructionSampler(coding.images, coding.coding, coding.settings)


class _Both(Checkup):
    """The measurements of both phases."""

    def __init__(self, images: RealImages, *parts: Checkup) -> None:
        super().__init__(images)
        self._parts = parts

    def measure(
        self, networks: Mapping[str, nn.Module], samples: Tensor, labels: Tensor | None
    ) -> Mapping[str, Tensor]:
        return {name: value for part in self._parts for name, value in part.measure(networks, samples, labels).items()}
