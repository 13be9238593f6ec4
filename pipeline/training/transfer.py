"""Copy to a fork the networks and optimizer states that still fit its workflow."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pipeline.training.state import Captured, TrainState


@dataclass(frozen=True)
class Carried:
    """What a fork has copied from its parent.

    networks: roles whose weights were copied. optimizers: roles whose optimizer state was copied. reinitialised: roles
    whose network was reinitialised because its shapes differ.
    """

    networks: tuple[str, ...]
    optimizers: tuple[str, ...]
    reinitialised: tuple[str, ...]


def carry_over(
    captured: Captured, state: TrainState, *, keep_threads: bool = True, frozen: Collection[str] = ()
) -> Carried:
    """Copy into a new state everything of `captured` that fits it.

    That is the step, the counters, the position in the data, the random numbers, and each network of equal shapes with
    its average and its optimizer's state. Settings (learning rates and other live values) stay those of the new state,
    and its journal stays empty. keep_threads: whether to use as many CPU threads as before, on the same kind of device.
    frozen: roles of networks that keep the weights of the new state.
    """
    live, journal = dict(state.live), tuple(state.journal)
    fresh = state.capture()
    trained = [role for role in fresh.networks if role not in frozen]
    networks = tuple(role for role in trained if _fits(captured.networks.get(role), fresh.networks[role]))
    optimizers = tuple(role for role in networks if _same_kind(captured.optimizers.get(role), fresh.optimizers[role]))
    state.restore(
        Captured(
            networks=dict(fresh.networks) | {role: captured.networks[role] for role in networks},
            averages={
                role: captured.averages.get(role, captured.networks[role]) if role in networks else average
                for role, average in fresh.averages.items()
            },
            optimizers=dict(fresh.optimizers)
            | {role: _moments(captured.optimizers[role], fresh.optimizers[role]) for role in optimizers},
            random=captured.random,
            device=captured.device,
            step=captured.step,
            counters={name: captured.counters.get(name, count) for name, count in fresh.counters.items()},
            images_seen=captured.images_seen,
            seconds=captured.seconds,
            live=live,
            journal=journal,
            numbers=captured.numbers,
            threads=captured.threads if keep_threads and captured.device == state.device.type else fresh.threads,
        )
    )
    return Carried(networks, optimizers, tuple(role for role in trained if role not in networks))


def _fits(old: Mapping[str, Tensor] | None, new: Mapping[str, Tensor]) -> bool:
    return old is not None and {name: each.shape for name, each in old.items()} == {
        name: each.shape for name, each in new.items()
    }


def _same_kind(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> bool:
    """Whether the old optimizer's state is valid for the new one: the same options for the same number of weights.

    Adam and AdamW have the same options and differ in the value of `decoupled_weight_decay`.
    """
    if old is None or len(old["param_groups"]) != len(new["param_groups"]):
        return False
    return all(
        set(before) == set(after)
        and len(before["params"]) == len(after["params"])
        and before.get("decoupled_weight_decay") == after.get("decoupled_weight_decay")
        for before, after in zip(old["param_groups"], new["param_groups"], strict=True)
    )


def _moments(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The old optimizer's state with the new one's options."""
    state = old["state"]
    if any(group.get("momentum") for group in new["param_groups"]):
        # Torch's RMSprop creates its momentum buffer with its averages or never, so a missing one is added as zeros.
        state = {
            weight: {"momentum_buffer": torch.zeros_like(of["square_avg"]), **of} if "square_avg" in of else of
            for weight, of in state.items()
        }
    return {"state": state, "param_groups": new["param_groups"]}
