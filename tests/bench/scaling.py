"""Prints how a step's time grows from 1 to 1,000 GPUs, computed from the numbers below: the table of the README.

    python tests/bench/scaling.py

Nothing here is measured on a cluster. The network is the UNet of Stable Diffusion 1, whose parameters and operations
were counted with diffusers and torch's FlopCounterMode (one call with a latent of 4×64×64 and 77 text vectors of 768).
"""

from dataclasses import dataclass
from math import ceil, log2

PARAMETERS = 859_520_964
FORWARD_FLOP = 803.3e9
"""Operations of one call for one image."""
LATENT = 4 * 64 * 64
BATCH = 16
"""Images per GPU and step."""

PEAK_FLOPS = 989e12
"""bf16 without sparsity, NVIDIA's data sheet of the H100 SXM."""
UTILISATION = 0.35
"""Assumed share of the peak that a UNet reaches."""
IN_NODE, BETWEEN = 450e9, 350e9
"""Bus bandwidth of an all-reduce in bytes per second, as nccl-tests define it: within a node of eight (NVLink 4) and
between nodes with eight links of 400 Gb/s, assumed to reach seven eighths of them."""
HOP = 20e-6
"""Assumed latency of one hop of NCCL's tree, in seconds."""
CONTROL_HOP = 270e-6
"""Latency of one hop of the leader's announcement over TCP, in seconds: the median of 300 broadcasts of 16 bytes by
gloo between two processes on two cores (180 to 330 µs for eight of ten)."""
MEMORY = 3.35e12
"""Bytes per second of the GPU's memory, from the same data sheet."""
ADAM_BYTES, AVERAGE_BYTES = 28, 12
"""Bytes per parameter: Adam reads weight, gradient and both moments, and writes all but the gradient; the moving
average reads two numbers and writes one."""
NORMALS = 50e9
"""Assumed normal random numbers per second and GPU."""
DISK = 2e9
"""Assumed bytes per second of a shared file system for one writer."""

STATE_BYTES = 16
"""Of a checkpoint, per parameter: weights, their moving average, and two moments of Adam, float32 each."""


@dataclass(frozen=True)
class Step:
    """A step on so many GPUs, with the same number of images on each. Times in seconds."""

    gpus: int

    @property
    def passes(self) -> float:
        """Forward and backward: three times the operations of the forward pass."""
        return 3 * FORWARD_FLOP * BATCH / (PEAK_FLOPS * UTILISATION)

    @property
    def optimizer(self) -> float:
        """Adam and the moving average, which are limited by the memory's speed."""
        return PARAMETERS * (ADAM_BYTES + AVERAGE_BYTES) / MEMORY

    @property
    def all_reduce(self) -> float:
        """Of float32 gradients, in a ring, after the backward pass: the volume is 2(N − 1)/N of the gradients."""
        if self.gpus == 1:
            return 0.0
        volume = 2 * (self.gpus - 1) / self.gpus * 4 * PARAMETERS
        return volume / (IN_NODE if self.gpus <= 8 else BETWEEN) + 2 * self._depth * HOP

    @property
    def drawing(self) -> float:
        """Every process draws the noise of the whole batch."""
        return self.gpus * BATCH * LATENT / NORMALS

    @property
    def drawn_bytes(self) -> int:
        """Memory that the noise of the whole batch takes for a moment, on every GPU."""
        return self.gpus * BATCH * LATENT * 4

    @property
    def control(self) -> float:
        """The announcement of the leader, by a tree of connections."""
        return self._depth * CONTROL_HOP

    @property
    def seconds(self) -> float:
        return self.passes + self.optimizer + self.all_reduce + self.drawing + self.control

    @property
    def efficiency(self) -> float:
        """Images per second and GPU, relative to a single GPU."""
        return Step(1).seconds / self.seconds

    @property
    def _depth(self) -> int:
        return ceil(log2(self.gpus))


def table() -> str:
    lines = [
        "| GPUs | batch | passes | optimizer | all-reduce | noise | announcing | step | images/s | of N single GPUs |",
        f"|{'---|' * 10}",
    ]
    for gpus in (1, 2, 8, 64, 256, 1000):
        step = Step(gpus)
        times = (step.passes, step.optimizer, step.all_reduce, step.drawing, step.control, step.seconds)
        lines.append(
            f"| {gpus:,} | {gpus * BATCH:,} | {' | '.join(f'{1000 * each:.1f} ms' for each in times)} "
            f"| {gpus * BATCH / step.seconds:,.0f} | {step.efficiency:.0%} |"
        )
    return "\n".join(lines)


def checkpoint_seconds() -> float:
    """Seconds that the leader writes one checkpoint, while all other GPUs wait."""
    return STATE_BYTES * PARAMETERS / DISK


if __name__ == "__main__":
    print(table())
    print(f"\nA checkpoint: {STATE_BYTES * PARAMETERS / 1e9:.1f} GB, {checkpoint_seconds():.1f} s.")
    print(f"The noise of a whole batch of {1000 * BATCH:,}: {Step(1000).drawn_bytes / 1e9:.2f} GB on each GPU.")
