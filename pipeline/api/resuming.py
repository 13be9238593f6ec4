"""Resume a stored run: check that the images and modules passed in match it before anything changes."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from pipeline.api.images import Given, facts
from pipeline.api.template import Prepared, fit_modules, given_networks, images_node
from pipeline.data.progress import ReadProgress
from pipeline.engine import resuming
from pipeline.engine.active_run import ActiveRun
from pipeline.errors.runs import NoCheckpoint, OtherImages
from pipeline.errors.training import UnfitImages, UnfitModule
from pipeline.formatting import listed
from pipeline.graph.workflow import Json
from pipeline.nodes.checked_workflow import read_and_check
from pipeline.nodes.python_objects import GivenImageSets
from pipeline.runs.checkpoints import Shapes, fault, weight_shapes
from pipeline.runs.store import RunRecord, Store

WORDS = {"count": "training images", "held_out": "held-out images", "classes": "classes"}
NORMALIZED = re.compile(r"parametrizations\.(\w+)\.original$")
"""Name of a weight that a node of the workflow normalizes. Other tensors there belong to the normalization."""


def prepare_resume(
    store: Store,
    record: RunRecord,
    sets: GivenImageSets,
    images: Given,
    modules: Mapping[str, Any],
    *,
    accept_data: bool = False,
) -> Prepared:
    """Return the run's workflow with the given images and modules. Raises UnfitImages, UnfitModule or NoCheckpoint.

    accept_data: whether the number of images may differ.
    """
    own = read_and_check(record.workflow_text, f"The workflow of run {record.id}")
    networks = given_networks(own.workflow)
    for role in networks.keys() ^ modules.keys():
        missing = role in networks
        expected = listed(sorted(networks)) if networks else "no modules"
        raise UnfitModule(
            role, f"{'is missing' if missing else 'does not belong to this run'}: the run was trained with {expected}."
        )
    data = images_node(own.workflow)
    _require_alike(own.workflow.nodes[data].inputs, facts(sets, images), ["classes"] if accept_data else list(WORDS))
    prepared = fit_modules(own.workflow, {data: sets}, modules, networks)
    shapes = weight_shapes(_newest_sound(store, record.id))
    for role, node_id in networks.items():
        if _of_module(prepared.given[node_id]) != _of_checkpoint(shapes.get(role, {})):
            raise UnfitModule(role, "has different layers from the one that the run was trained with.")
    return prepared._replace(workflow=own)


def resume_prepared(
    store: Store, run: str, prepared: Prepared, who: str, progress: ReadProgress, *, accept_data: bool
) -> ActiveRun:
    """Resume the run with the workflow, images and modules that `prepare_resume` returned. Raises OtherImages, which
    names the argument that accepts them, and what `resuming.resume` raises."""
    try:
        return resuming.resume(store, run, prepared.workflow, who, progress, prepared.given, accept_data=accept_data)
    except OtherImages as error:
        raise error.by("accept_data=True") from None


def _newest_sound(store: Store, run: str) -> Path:
    """The folder of the checkpoint from which the run will be resumed: damaged ones are passed over. Raises
    NoCheckpoint."""
    damaged: dict[int, str] = {}
    for step, folder in reversed(store.files(run).checkpoints()):
        if not (why := fault(folder)):
            return folder
        damaged[step] = why
    raise NoCheckpoint(run, resuming.damage_words(damaged))


def _require_alike(before: Mapping[str, Json], now: Mapping[str, Json], alike: Sequence[str]) -> None:
    """alike: the keys of WORDS that must be the same."""
    shapes = [tuple(each[side] for side in ("channels", "height", "width")) for each in (before, now)]
    if shapes[0] != shapes[1]:
        trained_on, given = ("×".join(map(str, shape)) for shape in shapes)
        raise UnfitImages(f"have shape {given}, but the run was trained on images of shape {trained_on}.")
    for name in alike:
        words = WORDS[name]
        if before[name] != now[name]:
            raise UnfitImages(f"have {now[name]} {words}, but the run was trained on {before[name]}.")


def _of_module(network: nn.Module) -> Shapes:
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def _of_checkpoint(shapes: Shapes) -> Shapes:
    """The shapes of a network's weights, under their names without normalization."""
    named = {NORMALIZED.sub(r"\1", name): shape for name, shape in shapes.items()}
    return {name: shape for name, shape in named.items() if "parametrizations" not in name}
