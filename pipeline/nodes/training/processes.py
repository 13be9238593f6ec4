"""How many processes train a run: which numbers fit a batch, and which this machine has room for. Torch-free."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pipeline.formatting import counted
from pipeline.graph.node import Misfit
from pipeline.training.threads import available_cpus

GPUS = Path("/proc/driver/nvidia/gpus")
"""Where the driver of NVIDIA lists its GPUs, one folder each."""
BATCHES = range(2, 4097)
"""The batch sizes that a training node takes."""
MOST_NAMED = 6


def require_shares(batch_size: int, processes: int, device: str) -> None:
    """Raise Misfit if the processes cannot each take an equal share, of at least one image, of a batch; or if several
    are to train on Apple's GPU, for which torch.distributed has no backend."""
    if processes > 1 and device == "mps":
        raise Misfit("On mps, one process trains a run. Set the processes to 1.", field="processes", value=1)
    if batch_size % processes == 0:
        return
    below = batch_size // processes * processes
    sizes = [size for size in (below, below + processes) if size in BATCHES]
    if processes > batch_size:
        reason = f"Batch size is {batch_size:,}, too few images for {processes:,} processes: each needs one"
    else:
        reason = f"A batch of {batch_size:,} images cannot be shared equally by {processes:,} processes"
    numbers = [number for number in range(1, min(processes, batch_size) + 1) if batch_size % number == 0]
    raise Misfit(
        f"{reason}. Set the batch size to {_choice(sizes)}, or the processes to {_choice(numbers[-MOST_NAMED:])}.",
        field="batch_size",
        value=min(sizes, key=lambda size: abs(size - batch_size)),
    )


def share_words(batch_size: int, processes: int) -> str:
    """How the processes share a batch, as a sentence; "" for a single one."""
    if processes == 1:
        return ""
    return f"Each batch is shared: {processes:,} processes × {counted(batch_size // processes, 'image')}."


def crowded(processes: int, device: str) -> str:
    """Why so many processes on this device are probably not meant, as a sentence; "" if there is room for them."""
    if processes == 1:
        return ""
    gpus = gpu_count()
    if device.startswith("cuda") or (device == "auto" and gpus):
        room, what = gpus, "GPU"
    else:
        room, what = available_cpus(), "CPU core"
    if not room or processes <= room:
        return ""
    return (
        f"The run is to be trained by {processes:,} processes, but this machine has {counted(room, what)}: they would "
        "wait for one another, and train no faster than fewer."
    )


@lru_cache(maxsize=1)
def gpu_count() -> int:
    """The number of NVIDIA GPUs whose driver runs here, 0 if there are none or it cannot be told without torch."""
    try:
        return sum(1 for _ in GPUS.iterdir())
    except OSError:
        return 0


def _choice(numbers: Sequence[int]) -> str:
    """The numbers joined for a sentence: 1, 2 or 4."""
    *others, last = [f"{number:,}" for number in numbers]
    return f"{', '.join(others)} or {last}" if others else last
