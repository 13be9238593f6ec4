"""Sample images from an autoencoder: decode random codes, or encode and decode held-out images."""

from collections.abc import Iterator

from torch import Tensor

from pipeline.families.autoencoder.coding import AutoencoderCoding, DecoderPart
from pipeline.families.autoencoder.family import DECODER
from pipeline.training.condition import Condition
from pipeline.training.inference import Networks
from pipeline.training.parts import RealImages
from pipeline.training.sampler import Latents, Sampler
from pipeline.training.settings import Settings
from pipeline.training.standalone import Standalone
from pipeline.training.streams import Streams


class DecoderSampler(Sampler):
    """Latents are random codes (N, dim) drawn from the prior."""

    roles = (DECODER,)

    def __init__(self, decoder: DecoderPart, settings: Settings) -> None:
        super().__init__(settings)
        self._dim = decoder.latents.dim

    def begin(self, streams: Streams, condition: Condition) -> Latents:
        return Latents(streams.normal((self._dim,)), streams)

    def steps(self, networks: Networks, latents: Latents) -> Iterator[Tensor]:
        yield networks[DECODER](latents.values)

    def standalone(self) -> Standalone:
        return Standalone(draw, {"dim": self._dim})


def draw(networks: Networks, streams: Streams, label: int | None, *, dim: int) -> Tensor:
    """The images (N, C, H, W) decoded from random codes of `dim` numbers. label: not used."""
    made: Tensor = networks[DECODER](streams.normal((dim,)))
    return made


class ReconstructionSampler(Sampler):
    """Latents are the images themselves (N, C, H, W), since random codes mean nothing to a decoder without a prior.

    Held-out images in order, starting over if there are too few; training images if none are held out.
    """

    def __init__(self, images: RealImages, coding: AutoencoderCoding, settings: Settings) -> None:
        super().__init__(settings)
        self.roles = coding.roles
        self._images = images
        self._coding = coding

    def begin(self, streams: Streams, condition: Condition) -> Latents:
        return Latents(self._images.originals(streams.numbers), streams)

    def steps(self, networks: Networks, latents: Latents) -> Iterator[Tensor]:
        yield self._coding.reconstruct(networks, latents.values).images

    def originals(self, count: int) -> Tensor:
        return self._images.originals(range(count))
