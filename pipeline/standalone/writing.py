"""Write a run as three files: `model.py`, `model.pth` and `weights.safetensors`, and try them before they are kept."""

import io
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import numpy as np
import torch
from safetensors.torch import save as bytes_from_tensors
from torch import Tensor, nn

from pipeline import VERSION
from pipeline.errors.training import UnwritableModel
from pipeline.formatting import listed
from pipeline.nodes.assemble import assemble
from pipeline.runs.atomic_files import make_folder, write_atomically
from pipeline.runs.checkpoints import WEIGHTS
from pipeline.runs.store import Store
from pipeline.sampling.checkpoints import StoredRun, open_run
from pipeline.standalone.file_text import WEIGHTS_NAME, Facts, file_text
from pipeline.training.experiment import Experiment
from pipeline.training.node_errors import node_errors
from pipeline.training.sampler import draw_images
from pipeline.training.standalone import Standalone
from pipeline.training.state import Weights
from pipeline.training.threads import using_threads

FILE_NAME = "model.py"
TRIED, TRIED_SEED = 16, 0
"""The images of this seed with which a file is compared with the run's own sampler."""


@dataclass(frozen=True)
class WrittenModel:
    """A run written to a folder.

    files: their names. networks: roles of the networks in them. left_out: a sentence for each network that the file
    draws images without and that cannot be written. remarks: a sentence for each newer checkpoint that was skipped.
    """

    run: str
    step: int
    folder: Path
    files: tuple[str, ...]
    networks: tuple[str, ...]
    left_out: tuple[str, ...]
    remarks: tuple[str, ...]


def write_model(
    store: Store, run: str, folder: Path, *, step: int | None = None, weights: Weights = "ema"
) -> WrittenModel:
    """Write a run (an id, or "latest") to a folder, as a file that draws the images that `sample` draws.

    step: of the checkpoint; None for the newest undamaged one. weights: "ema" for the moving average, or the raw
    weights of a network that keeps none. Nothing is written before the file has been run here, in this process, and has
    drawn the same images as the run.

    Raises UnwritableModel; what `open_run`, `assemble` and `StoredRun.load` raise; CannotWrite.
    """
    opened = open_run(store, run, step)
    experiment = assemble(opened.checked, store.home, "cpu", opened.record.seed, images=False)
    networks = dict(experiment.networks)
    at, remarks = opened.load(networks, weights)
    title = experiment.titles.get(experiment.node, "")
    with using_threads(opened.record.threads), node_errors(experiment.node, "be written", title):
        drawing = experiment.sampler.standalone()
        if drawing is None:
            kind = type(experiment.sampler).__name__
            raise UnwritableModel(f"its sampler {kind} does not say how to draw images in such a file")
        facts = _facts(opened, experiment, at, weights)
        writing, left_out = _writable(facts, networks, drawing, experiment)
        text = file_text(facts, writing, drawing, _reconstructing(experiment))
        tensors = {
            f"{role}.{name}": tensor for role, each in writing.items() for name, tensor in each.state_dict().items()
        }
        pickled = _pickled(tensors)
        with TemporaryDirectory() as temporary:
            _try(Path(temporary), text, pickled, experiment, networks, writing)
    make_folder(folder, private=False)
    metadata = {"format": "pt", "version": VERSION, "run": opened.record.id, "step": str(at)}
    separate = {name: tensor.clone().contiguous() for name, tensor in tensors.items()}
    write_atomically(folder / WEIGHTS, bytes_from_tensors(separate, metadata=metadata))
    write_atomically(folder / WEIGHTS_NAME, pickled)
    write_atomically(folder / FILE_NAME, text.encode())
    files = (FILE_NAME, WEIGHTS_NAME, WEIGHTS)
    return WrittenModel(opened.record.id, at, folder, files, tuple(writing), left_out, remarks)


def _facts(opened: StoredRun, experiment: Experiment, step: int, weights: Weights) -> Facts:
    record, images = opened.record, experiment.images
    training = opened.checked.trained.training
    channels, height, width = images.train.shape
    kind = "averaged weights, where the run keeps an average" if weights == "ema" else "raw weights"
    about = [
        f"Written by Genscope {VERSION} from run {record.id} at step {step:,}, with its {kind}. It needs torch and "
        "numpy, and draws the same pixels as Genscope with the same seed, version of torch and kind of processor.",
        f"Images are uint8 arrays (N, {height}, {width}, {channels}). Networks see them as tensors "
        f"(N, {channels}, {height}, {width}) with values from {images.values}: `to_float` and `to_pixels`. "
        f"The run made pictures of other shapes square with {images.fit!r}.",
        "Begin with `Model`, at the end. Its `draw` makes images from any random numbers, `sample` those of a seed:",
    ]
    return Facts(
        f"The networks of {record.name!r} and how they draw images.",
        about,
        images.values,
        training.asked,
        opened.record.threads or torch.get_num_threads(),
    )


def _reconstructing(experiment: Experiment) -> Standalone | None:
    return None if experiment.coding is None else experiment.coding.standalone()


def _writable(
    facts: Facts, networks: Mapping[str, nn.Module], drawing: Standalone, experiment: Experiment
) -> tuple[dict[str, nn.Module], tuple[str, ...]]:
    """The networks that can be written; a message for each other one. Raises UnwritableModel if images need it."""
    needed = {*experiment.sampler.roles, *(experiment.coding.roles if experiment.coding else ())}
    found, left_out = {}, []
    for role, network in networks.items():
        try:
            file_text(facts, {role: network}, drawing, None)
        except UnwritableModel:
            if role in needed:
                raise
            left_out.append(f"The {role} is not in the files, because its layers cannot be written.")
        else:
            found[role] = network
    return found, tuple(left_out)


def _pickled(tensors: Mapping[str, Tensor]) -> bytes:
    stream = io.BytesIO()
    torch.save(dict(tensors), stream)
    return stream.getvalue()


def _try(
    folder: Path,
    text: str,
    pickled: bytes,
    experiment: Experiment,
    networks: Mapping[str, nn.Module],
    written: Mapping[str, nn.Module],
) -> None:
    """Run the file, load the weights into its model, and compare its layers and images with the run's.

    Raises UnwritableModel if anything differs.
    """
    with _imported(folder, text) as module:
        try:
            model = module.Model().eval()
            model.load_state_dict(torch.load(io.BytesIO(pickled), weights_only=True))
        except Exception as error:
            raise UnwritableModel(f"its layers cannot be made from what they say of themselves: {error}") from error
        different = [role for role, network in written.items() if repr(getattr(model, role)) != repr(network)]
        if different:
            raise UnwritableModel(f"the layers of its {listed(different)} do not say all that they were made with")
        try:
            made = module.sample(model.draw, TRIED, module.VALUES, TRIED_SEED)
        except Exception as error:
            raise UnwritableModel(f"the file would fail to draw images: {error}") from error
    expected = draw_images(experiment.sampler, networks, experiment.sampler.latents(TRIED, TRIED_SEED))
    if not np.array_equal(made, expected):
        raise UnwritableModel("the file would draw other images than the run")


@contextmanager
def _imported(folder: Path, text: str) -> Iterator[Any]:
    """The file as a module of this process, until the context ends."""
    path, name = folder / FILE_NAME, "genscope_standalone_file"
    path.write_text(text, encoding="utf-8")
    spec = spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module: ModuleType = module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        del sys.modules[name]
