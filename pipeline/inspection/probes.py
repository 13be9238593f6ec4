"""Train one step and measure every layer: activations, weights, gradients, and the size of the weight update.

Forward hooks measure during the training step itself and change nothing: a run with probes is bit-identical to one
without. The hooks exist only for that step, so a run without probes has no overhead.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from pipeline.inspection.layers import layers, weights_of
from pipeline.inspection.log2_histogram import CODES, exponent_counts, octave_histogram
from pipeline.inspection.scores import score_probe
from pipeline.runs.probe_records import LayerProbe, Probe
from pipeline.training.step_metrics import Slice
from pipeline.training.trainer import Trainer

NAN = float("nan")


def probed_step(trainer: Trainer) -> tuple[Slice, Probe]:
    """Train exactly one step, as `trainer.slice(1)` does, and measure it.

    A half-done step is finished instead; then only its remaining stages are measured, and `update_norm` is NaN.
    `Probe.seconds` is the time spent measuring; the part of it within the step also counts as training time. Raises
    what `slice` raises; the hooks are removed in any case.
    """
    started = perf_counter()
    watched = [
        (role, name, module) for role, network in trainer.state.networks.items() for name, module in layers(network)
    ]
    before = {module: _copies(module) for _, _, module in watched} if trainer.between_steps else {}
    listener = _Listener(trainer.state.device)
    handles = [module.register_forward_hook(listener.hear) for _, _, module in watched]
    seconds = perf_counter() - started
    try:
        done = trainer.slice(1)
    finally:
        for handle in handles:
            handle.remove()
    started = perf_counter()
    measured = tuple(
        _layer_probe(role, name, module, listener.heard[module], before.get(module)) for role, name, module in watched
    )
    scores = score_probe(trainer)
    seconds += listener.seconds + perf_counter() - started
    return done, Probe(trainer.state.step, measured, scores, seconds)


@dataclass(frozen=True, eq=False)
class _Output:
    """The output of one call of a layer.

    count: number of values. moments: (2,) mean and ‖output − mean‖₂. zeros: number of zeros, 0-dimensional. exponents:
    (CODES,) counts.
    """

    count: int
    moments: Tensor
    zeros: Tensor
    exponents: Tensor


class _Listener:
    """Measures the outputs of layers within the forward hook, on the device: the next layer may overwrite them."""

    def __init__(self, device: torch.device) -> None:
        self.heard: defaultdict[nn.Module, list[_Output]] = defaultdict(list)
        self.seconds = 0.0
        # Without waiting, pending work of the step itself would count as time spent measuring.
        self._wait: Callable[[], object] = torch.cuda.synchronize if device.type == "cuda" else lambda: None

    @torch.no_grad()
    def hear(self, module: nn.Module, inputs: Any, output: Any) -> None:
        """Measure the output of one call; a forward hook."""
        if not isinstance(output, Tensor):
            return
        self._wait()
        started = perf_counter()
        values = output.detach().float()
        mean = values.mean()
        self.heard[module].append(
            _Output(
                count=values.numel(),
                moments=torch.stack([mean, torch.linalg.vector_norm(values - mean)]),
                zeros=values.numel() - torch.count_nonzero(values),
                exponents=exponent_counts(values),
            )
        )
        self._wait()
        self.seconds += perf_counter() - started


def _layer_probe(
    role: str, name: str, module: nn.Module, heard: list[_Output], before: list[Tensor] | None
) -> LayerProbe:
    parameters = weights_of(module)
    weights = [parameter.detach() for parameter in parameters]
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    moved = [] if before is None else [now - then for now, then in zip(weights, before, strict=True)]
    mean, std, zeros = _activations(heard)
    return LayerProbe(
        role=role,
        name=name,
        activation_mean=mean,
        activation_std=std,
        zeros=zeros,
        weight_norm=_norm(weights),
        gradient_norm=_norm(gradients),
        update_norm=_norm(moved),
        activation_histogram=_histogram(call.exponents for call in heard),
        weight_histogram=_histogram(map(exponent_counts, weights)),
        gradient_histogram=_histogram(map(exponent_counts, gradients)),
    )


def _activations(heard: list[_Output]) -> tuple[float, float, float]:
    """Combine the calls' moments into mean, standard deviation and share of zeros (Chan, Golub & LeVeque 1983)."""
    count = sum(call.count for call in heard)
    if not count:
        return NAN, NAN, NAN
    counts = np.array([call.count for call in heard])
    means, spreads = torch.stack([call.moments for call in heard]).cpu().double().numpy().T
    mean = (counts * means).sum() / count
    variance = (np.square(spreads) + counts * np.square(means - mean)).sum() / count
    zeros = torch.stack([call.zeros for call in heard]).sum().item() / count
    return float(mean), float(np.sqrt(variance)), zeros


def _histogram(counts: Iterable[Tensor]) -> np.ndarray[Any, np.dtype[np.int64]]:
    together = torch.stack([torch.zeros(CODES, dtype=torch.int64), *(each.cpu() for each in counts)]).sum(dim=0)
    return octave_histogram(together.numpy())


def _norm(tensors: list[Tensor]) -> float:
    """‖·‖₂ of all tensors as one vector; NaN if there are none."""
    return float(get_total_norm(tensors)) if tensors else NAN


def _copies(module: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in weights_of(module)]
