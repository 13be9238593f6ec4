"""The series of what training takes of the machine, which every run records every few seconds.

They say nothing of what is trained, and differ each time that the same run is trained again.
"""

from pipeline.runs.series import CLOCKS, Chart, Series, names_of
from pipeline.why import Why

MEMORY = Chart("Memory", "GB", 410, folded=True, linear=True, system=True)
FREE_MEMORY = Chart("Free memory", "GB", 420, folded=True, linear=True, system=True)
GPU_MEMORY = Chart("GPU memory", "GB", 440, folded=True, linear=True, system=True)

DATA_SHARE = Series(
    "data_share",
    "share of the time of steps in which real images are drawn and augmented",
    Chart("Time in data", "share of the time", 390, folded=True, percent=True, linear=True, system=True),
    "green",
    why=Why(
        "While a step waits for its images, nothing is learned. If the share is large, a faster disk, smaller images "
        "or fewer augmentations make training faster, and a faster device does not.",
        "Mohan et al. 2021",
        "https://arxiv.org/abs/2007.06775",
    ),
)
CPU_CORES = Series(
    "cpu_cores",
    "CPU cores that training keeps busy: 1.5 is one and a half",
    Chart("CPU", "cores in use", 400, folded=True, linear=True, system=True),
    "slate",
    why=Why(
        "Fewer cores than the run has threads mean that threads wait: for each other, for images, or for the device. "
        "How many threads are best depends on the size of the layers.",
        "Wang et al. 2021",
        "https://arxiv.org/abs/1908.04705",
    ),
)
MEMORY_USED = Series(
    "memory_gb",
    "main memory of the process that trains, in GB",
    MEMORY,
    "slate",
    why=Why(
        "It should stop growing after the first steps. If it grows without end, some code keeps what it no longer "
        "needs, and the system ends the process: a common failure of training.",
        "Jeon et al. 2019",
        "https://arxiv.org/abs/1901.05758",
    ),
)
MEMORY_FREE = Series(
    "memory_free_gb",
    "main memory of the machine that programs can still take, in GB",
    FREE_MEMORY,
    "slate",
    why=Why(
        "What no program takes keeps files that were read before, so that they are read fast again. If little is left, "
        "images come from the disk in every epoch, and training waits for them.",
        "Mohan et al. 2021",
        "https://arxiv.org/abs/2007.06775",
    ),
)
GPU_USE = Series(
    "gpu_use",
    "share of the time in which the GPU computes, for any program",
    Chart("GPU", "share of the time", 430, folded=True, percent=True, linear=True, system=True),
    "slate",
    why=Why(
        "A GPU that is idle much of the time waits for the host: for images, or for many small operations. In a large "
        "cluster, the GPUs of training jobs were found to be idle about half of the time.",
        "Jeon et al. 2019",
        "https://arxiv.org/abs/1901.05758",
    ),
)
GPU_MEMORY_USED = Series(
    "gpu_memory_gb",
    "GPU memory that training holds, with what it keeps for later use, in GB",
    GPU_MEMORY,
    "slate",
    why=Why(
        "It grows with the batch, the images and the networks, and training fails when the GPU has no more. Many "
        "failures of training are of this kind.",
        "Gao et al. 2020",
        "https://doi.org/10.1145/3368089.3417050",
    ),
)
GPU_MEMORY_TAKEN = Series(
    "gpu_memory_all_gb",
    "GPU memory that all programs take together, in GB",
    GPU_MEMORY,
    "grey",
    "dashed",
    why=Why(
        "What other programs take is missing for training. If it is far above what training holds, end them, or choose "
        "another GPU.",
        "Gao et al. 2020",
        "https://doi.org/10.1145/3368089.3417050",
    ),
)

SYSTEM = (
    DATA_SHARE,
    CPU_CORES,
    MEMORY_USED,
    MEMORY_FREE,
    GPU_USE,
    GPU_MEMORY_USED,
    GPU_MEMORY_TAKEN,
)
"""In chart order."""
SYSTEM_NAMES = names_of(SYSTEM)
OF_THE_MACHINE = frozenset(names_of((*CLOCKS, *SYSTEM)))
"""All series that say how fast training went and what it took, not how it went."""
