"""Latents: what an encoder makes of images, so that a denoiser learns those instead of pixels.

Latent diffusion, Rombach et al. 2022 (arXiv 2112.10752). Every image is encoded once, without augmentation and without
sampling, when training with latents begins, and kept in the home under a key of the images and the encoder's weights: a
changed encoder never meets old latents. They are divided by their measured standard deviation, so that noise of
variance 1 hides them at the same times as it hides any others. That number stays with the denoiser's weights.
"""

from collections.abc import Generator
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from pipeline.data.images import ImageSet, hash_of
from pipeline.data.progress import ReadProgress
from pipeline.data.value_range import ValueRange
from pipeline.errors.machine import CannotWrite
from pipeline.families.autoencoder.coding import AutoencoderPart, decoded, encoded
from pipeline.families.autoencoder.family import DECODER, ENCODER
from pipeline.families.diffusion.family import DENOISER
from pipeline.runs.atomic_files import make_folder, write_atomically
from pipeline.training.inference import BATCH, Networks, eval_mode
from pipeline.training.parts import RealImages
from pipeline.training.state import TrainState

FOLDER = "latents"
MOST_KEPT = 8
"""Files in the home; a further one replaces the one that was used longest ago."""
SCALE = "latent_scale"
"""Name of the denoiser's buffer with the number that latents are multiplied by."""


@dataclass(frozen=True)
class LatentsPart:
    """Images that a denoiser sees as latents. shape: (C, h, w) of a latent. autoencoder: what encodes and decodes them.
    home: where they are kept. trained: whether that comes trained, and the run does not change it."""

    node: str
    images: RealImages
    autoencoder: AutoencoderPart
    shape: tuple[int, int, int]
    home: Path
    trained: bool = False


class Encoded(NamedTuple):
    """Latents (N, C, h, w) of deviation 1, on the device, of the training and of the held-out images."""

    train: Tensor
    held_out: Tensor


class Latents:
    """The latents of one run's images. Filled by `prepare`, which is called before the first step that needs them."""

    def __init__(self, part: LatentsPart) -> None:
        self._part = part
        self._key = ""
        self._encoded: Encoded | None = None
        self._rows: dict[str, list[Tensor]] = {}
        self._rows_key = ""

    @property
    def encoded(self) -> Encoded:
        """The latents. Only after `prepare`."""
        assert self._encoded is not None
        return self._encoded

    def held_out(self, count: int) -> Tensor:
        """The latents of the `count` held-out images that a checkup measures (`training.checkup.spread`); none before
        `prepare`."""
        if self._encoded is None:
            return torch.empty(0, *self._part.shape)
        every = self._encoded.held_out
        return every[torch.arange(count, device=every.device) * len(every) // max(1, count)]

    def prepare(self, state: TrainState, progress: ReadProgress) -> None:
        """Have the latents of the encoder as it is now, and tell the denoiser their scale.

        Raises what `progress` raises, and the next call then goes on where this one stopped.
        """
        encoder = state.network(ENCODER, "ema")
        key = _key(self._part.images, encoder)
        if key != self._key:
            found = self._kept(key) or self._made(encoder, key, progress)
            scale = 1 / found["train"].double().std().clamp(min=1e-6)
            self._encoded = Encoded(*((found[name] * scale).float().to(state.device) for name in Encoded._fields))
            self._key, self._scale = key, float(scale)
        for network in {id(each): each for each in (state.network(DENOISER), state.network(DENOISER, "ema"))}.values():
            scale_of(network).fill_(self._scale)

    def _kept(self, key: str) -> dict[str, Tensor] | None:
        path = self._path(key)
        try:
            found = load_file(path)
            path.touch()
        except (OSError, ValueError, RuntimeError, SafetensorError):
            # Missing or damaged: encoded again.
            return None
        return found if set(found) == set(Encoded._fields) else None

    def _made(self, encoder: nn.Module, key: str, progress: ReadProgress) -> dict[str, Tensor]:
        images = self._part.images
        if self._rows_key != key:
            self._rows_key, self._rows = key, {name: [] for name in Encoded._fields}
        total = images.train.count + images.held_out.count
        for name, each in zip(Encoded._fields, (images.train, images.held_out), strict=True):
            rows = self._rows[name]
            with closing(_encode(encoder, each, first=sum(map(len, rows)))) as batches:
                for batch in batches:
                    rows.append(batch.reshape(-1, *self._part.shape).cpu())
                    progress("Encoding images", sum(len(row) for every in self._rows.values() for row in every), total)
        none = torch.empty(0, *self._part.shape)
        found = {name: torch.cat([none, *rows]) for name, rows in self._rows.items()}
        self._keep(key, found)
        self._rows_key, self._rows = "", {}
        return found

    def _keep(self, key: str, found: dict[str, Tensor]) -> None:
        path = self._path(key)
        # Kept only to save time: without it the run, which has just trained an autoencoder, would fail.
        with suppress(CannotWrite):
            make_folder(path.parent)
            write_atomically(path, save(found))
        # Another process of the run may delete them at the same time.
        with suppress(FileNotFoundError):
            others = sorted(path.parent.glob("*.safetensors"), key=lambda each: each.stat().st_mtime)
            for old in others[:-MOST_KEPT]:
                old.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._part.home / FOLDER / f"{key}.safetensors"


def _key(images: RealImages, encoder: nn.Module) -> str:
    """A name for the latents of these images by an encoder with these weights."""
    digest = blake2b(digest_size=16)
    findings = images.findings
    content = findings.hashes.get("pictures", "") if findings else ""
    digest.update((content or hash_of(images.train, images.held_out)).encode())
    digest.update(f"{images.values} {images.train.count}".encode())
    for name, values in encoder.state_dict().items():
        digest.update(name.encode())
        digest.update(values.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


@torch.no_grad()
def _encode(encoder: nn.Module, images: ImageSet, first: int) -> Generator[Tensor, None, None]:
    """Yield the codes (B, dim) of the images from number `first` on, the means if codes are distributions."""
    with eval_mode(encoder):
        for start in range(first, images.count, BATCH):
            numbers = torch.arange(start, min(start + BATCH, images.count), device=images.labels.device)
            yield encoded(encoder, images.batch(numbers))[0]


def with_scale(denoiser: nn.Module) -> nn.Module:
    """The denoiser of latents, with the buffer for their scale."""
    device = next(denoiser.parameters()).device
    denoiser.register_buffer(SCALE, torch.ones((), device=device))
    return denoiser


def scale_of(denoiser: nn.Module) -> Tensor:
    """The denoiser's buffer with the number that latents are multiplied by, 0-dimensional."""
    return denoiser.get_buffer(SCALE)


def decode_latents(networks: Networks, latents: Tensor, values: ValueRange) -> Tensor:
    """Latents (N, C, h, w) of deviation 1 -> images (N, C, H, W) in the range `values`."""
    codes = (latents / scale_of(networks[DENOISER])).flatten(1)
    return decoded(networks[DECODER], codes, values).images
