"""Generated images of a checkpoint as metrics know them: drawn in parts, described, and not kept beyond a limit."""

from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.data.images import to_array, to_float, to_pixels
from pipeline.data.progress import ReadProgress
from pipeline.evaluation.features.signature import Features
from pipeline.evaluation.seen_images import AT_ONCE, PIXEL_BYTES, Arrays, as_arrays, joined, keep, read
from pipeline.metrics.signature import Images
from pipeline.runs.checkpoints import MANIFEST
from pipeline.runs.evaluations import FOLDER, folder_of
from pipeline.runs.files import RunFiles
from pipeline.sampling.loading import Loaded
from pipeline.training.inference import BATCH, eval_mode
from pipeline.training.sampler import image_batches

RECONSTRUCTED = 500
"""Images of each kind that are encoded and decoded."""


def generated_images(
    loaded: Loaded, features: Features, count: int, files: RunFiles, weights: str, progress: ReadProgress
) -> Images:
    """`count` images of the loaded checkpoint. Images that were seen before are not drawn again.

    Raises what `progress` raises, UnknownRun if the run was deleted meanwhile, CannotWrite.
    """
    path = _path(loaded, features, files, weights)
    arrays = read(path, count)
    if arrays is None:
        arrays = drawn(loaded, features, count, progress)
        files.part(FOLDER)
        keep(path, arrays)
    return as_images(arrays)


def as_images(arrays: Arrays) -> Images:
    """What was seen of generated images, as metrics know them."""
    return Images(
        features=arrays["features"],
        probabilities=arrays.get("probabilities"),
        pixels=arrays["pixels"],
        labels=arrays.get("labels"),
        scores=arrays.get("scores"),
    )


@torch.no_grad()
def drawn(loaded: Loaded, features: Features, count: int, progress: ReadProgress) -> dict[str, NDArray[Any]]:
    """`count` new images, as arrays by the names of the fields of `Images`. Raises what `progress` raises."""
    parts, pixels, kept = [], [], 0
    for start in range(0, count, AT_ONCE):
        size = min(AT_ONCE, count - start)
        latents = loaded.sampler.latents(size, loaded.seed, loaded.condition, first=start)

        def passed(done: int, total: int, start: int = start) -> None:
            progress("Drawing images", start + done, count)

        made = torch.cat(list(image_batches(loaded.sampler, loaded.networks, latents, passed)))
        seen = to_pixels(made, loaded.sampler.value_range)
        part = as_arrays(*features.of(seen.cpu()))
        if latents.labels is not None:
            part["labels"] = latents.labels.cpu().numpy().astype(np.int64)
        if loaded.experiment.scores is not None:
            part["scores"] = scores_of(loaded, made, latents.labels)
        parts.append(part)
        room = max(1, PIXEL_BYTES // int(np.prod(seen.shape[1:]))) - kept
        if room > 0:
            pixels.append(to_array(seen[:room]))
            kept += len(pixels[-1])
    return joined(parts) | {"pixels": np.concatenate(pixels)}


@torch.no_grad()
def with_own_networks(loaded: Loaded, images: Images) -> Images:
    """Real images with what the run's own networks make of them: scores and reconstructions, if it has such ones."""
    if images.pixels is None:
        return images
    values = loaded.sampler.value_range
    pixels = torch.from_numpy(images.pixels).permute(0, 3, 1, 2)
    more: dict[str, NDArray[Any]] = {}
    if loaded.experiment.scores is not None:
        known = None if images.labels is None else torch.from_numpy(images.labels[: len(pixels)])
        more["scores"] = scores_of(loaded, to_float(pixels, values), known)
    if coding := loaded.experiment.coding:
        with eval_mode(*(loaded.networks[role] for role in coding.roles)):
            made = [
                coding.reconstruct(loaded.networks, to_float(part, values).to(loaded.sampler.device)).images
                for part in torch.split(pixels[:RECONSTRUCTED], BATCH)
            ]
        more["reconstructions"] = to_array(to_pixels(torch.cat(made), values))
    return Images(**{**vars(images), **more})


def scores_of(loaded: Loaded, images: torch.Tensor, labels: torch.Tensor | None) -> NDArray[np.float32]:
    """Raw scores (N,) of images (N, C, H, W) in the run's range by its scoring network."""
    scores = loaded.experiment.scores
    assert scores is not None, "asked only of runs that score images"
    place = loaded.sampler.device
    with torch.no_grad(), eval_mode(loaded.networks[scores.role]):
        found = [
            scores.of(loaded.networks, part.to(place), None if labels is None else labels[at : at + BATCH].to(place))
            for at, part in zip(range(0, len(images), BATCH), torch.split(images, BATCH), strict=True)
        ]
    return torch.cat([each.flatten() for each in found]).float().cpu().numpy()


def _path(loaded: Loaded, features: Features, files: RunFiles, weights: str) -> Path:
    """Where what was seen is kept: equal for the same images and features."""
    facts = (checkpoint_hash(files, loaded.step), weights, loaded.seed, features.digest, loaded.facts())
    return folder_of(files) / f"seen-{loaded.step:09d}-{blake2b(repr(facts).encode(), digest_size=8).hexdigest()}.npz"


def checkpoint_hash(files: RunFiles, step: int) -> str:
    """A hash of the checkpoint of a step: of its manifest, which has the hashes of its files."""
    return blake2b((files.checkpoint_folder(step) / MANIFEST).read_bytes(), digest_size=8).hexdigest()
