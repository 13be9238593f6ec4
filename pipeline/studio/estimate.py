"""What a run of a workflow will take, before it is started: time, from earlier runs in this home, and disk."""

import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from statistics import median

from pipeline.formatting import counted, remaining, size
from pipeline.graph.check import Report
from pipeline.nodes.ports import NetworkPort, OptimizerPort, TrainingPort
from pipeline.nodes.training.checkpoints import CheckpointRules, rules_of
from pipeline.nodes.training.output import SampleGrid
from pipeline.nodes.training.processes import share_words
from pipeline.nodes.training.training_node import TrainingNode
from pipeline.nodes.training_subgraph import periodic_evaluation, series_of, training_subgraph
from pipeline.runs.files import KEPT_GRIDS
from pipeline.runs.keeping import Keeping
from pipeline.runs.store import RunRecord, Store
from pipeline.runs.system_series import SYSTEM
from pipeline.studio import workflows
from pipeline.studio.evaluation_cost import evaluation_words
from pipeline.studio.networks import known_layers

FEWEST_STEPS = 20
"""A run of fewer steps says little about speed: the first steps are slow."""
MOST_RUNS = 40
"""Newest runs that are looked at."""
UNLIKE = 10
"""A step with so many times more or less work says nothing: each operation costs time whatever its size."""
FLOAT = 4
OVERHEAD = 30_000
"""Bytes of a checkpoint beside its tensors: states of random numbers, names, the manifest."""
METRIC_BYTES = 4.6
"""Bytes of one value of a series: a float32, and its share of the summaries of blocks."""
PIXEL_BYTES = 0.9
"""Bytes of one value of a pixel in a grid's PNG; enlarging images adds little."""
GRID_OVERHEAD = 3_000
"""Bytes of a grid's PNG beside its pixels: the workflow."""


@dataclass(frozen=True)
class Cost:
    """What makes one step slow or fast. work: multiply-adds of all networks for the images of a batch. phased: whether
    training has phases, whose steps have different speeds."""

    kind: tuple[object, ...]
    """Equal for workflows with the same networks, batch size, and nodes stacked on the objective."""
    work: float
    phased: bool = False


@dataclass(frozen=True)
class Time:
    """Seconds of the whole run; low and high: its range. runs: number of earlier runs that it is from. alike: whether
    they had the same networks and batch size, so that only their speed counts. processes: how many trained each of
    them, if that is not as many as will train this one; else 0."""

    low: float
    high: float
    runs: int
    alike: bool
    processes: int = 0


@dataclass(frozen=True)
class Disk:
    """Bytes that a run will take: checkpoints, sample grids, metrics. free: bytes free in the home."""

    checkpoints: float
    grids: float
    metrics: float
    free: float

    @property
    def total(self) -> float:
        return self.checkpoints + self.grids + self.metrics

    @property
    def enough(self) -> bool:
        """Whether there is room for it."""
        return self.total < self.free


@dataclass(frozen=True)
class Estimate:
    """time: None if no earlier run of this machine says anything. disk: None if a network's size is not known yet.
    evaluation: what the periodic evaluation takes besides, as a sentence; "" without one. shares: how several processes
    share a batch, likewise."""

    time: Time | None
    disk: Disk | None
    evaluation: str = ""
    shares: str = ""

    @property
    def time_words(self) -> str:
        """The time as a sentence, and what it is from."""
        if self.time is None:
            return "Time unknown until a run of about this size: it depends on the networks, the batch and the device."
        runs = "an earlier run" if self.time.runs == 1 else f"{self.time.runs} earlier runs"
        source = f"of {runs} like this" if self.time.alike else f"of {runs} with other networks, by multiply-adds"
        other = f", but in {counted(self.time.processes, 'process', 'processes')}" if self.time.processes else ""
        return f"Takes about {spread(self.time.low, self.time.high)}, by the speed {source}{other}."

    @property
    def disk_words(self) -> str:
        """The disk space as a sentence."""
        if self.disk is None:
            return "Disk space unknown until the networks are built."
        return f"Disk: ≈ {_rounded(self.disk.total)} for checkpoints, sample grids and metrics."

    @property
    def room_words(self) -> str:
        """A warning if the disk is too full, else ""."""
        if self.disk is None or self.disk.enough:
            return ""
        return (
            f"Only {_rounded(self.disk.free)} are free on the disk: the run would stop when it is full. Free some "
            "space, or set GENSCOPE_HOME to another disk."
        )


def estimate(store: Store, report: Report, runs: Sequence[RunRecord] | None = None) -> Estimate | None:
    """What a new run of a checked workflow takes; None if its training has problems.

    runs: the newest MOST_RUNS, if they have been read already, as for the many workflows of a sweep.
    """
    found = training_subgraph(report)
    if found is None:
        return None
    training = found.training
    runs = store.recent(MOST_RUNS) if runs is None else runs
    time = _time(report, training, [each for each in runs if _speed(each)])
    shares = share_words(training.batch_size, training.processes)
    return Estimate(time, _disk(store.home, report, training, time), evaluation_words(store, report, runs), shares)


def checkpoint_bytes(home: Path, report: Report) -> float | None:
    """Size of one checkpoint: weights, averaged weights and the optimizers' numbers, as float32. None if the size of a
    network is not known before it is built."""
    found = training_subgraph(report)
    if found is None:
        return None
    node = report.nodes[found.node]
    averaged = isinstance(node, TrainingNode) and node.ema_halflife_images > 0
    total = float(OVERHEAD)
    for node_id in _updated(report, found.node):
        port = next(port for port in report.ports[node_id] if isinstance(port, OptimizerPort))
        source = next(each for each, ports in report.ports.items() if any(port.network is given for given in ports))
        layers = known_layers(home, report, source)
        if layers is None:
            return None
        # The network that makes images is averaged, and with it one that codes them.
        copies = 1 + port.numbers_per_weight
        copies += averaged and (port.network is found.training.sampled or found.training.codes)
        total += FLOAT * layers.parameters * copies
    return total


def spread(low: float, high: float) -> str:
    """A range of times: `3–4 min`. low and high: in seconds."""
    if high <= low * 1.6:
        return remaining((low + high) / 2)
    unit, word = next((each for each in ((3600, "h"), (60, "min")) if high >= 2 * each[0]), (1, "s"))
    first, last = max(1, math.floor(low / unit)), math.ceil(high / unit)
    return f"{first}–{max(first + 1, last)} {word}"


def _rounded(count: float) -> str:
    """Bytes in two digits: an estimate has no more."""
    unit = 10 ** max(0, math.floor(math.log10(max(1.0, count))) - 1)
    words, name = size(round(count / unit) * unit).split()
    return f"{float(words):g} {name}"


def _time(report: Report, training: TrainingPort, runs: Sequence[RunRecord]) -> Time | None:
    cost = _cost(report)
    if cost is None:
        return None
    known = [(record, past) for record in runs if (past := _past(record.workflow_text, record.data_text))]
    # "auto" takes the device of the newest run, which was chosen on this machine.
    device = next((record.device for record, _ in known), "") if training.device == "auto" else training.device
    kind = device.partition(":")[0]
    known = [(record, past) for record, past in known if record.device.partition(":")[0] == kind]
    wanted = training.processes
    for processes in sorted({record.processes for record, _ in known}, key=lambda count: abs(count - wanted)):
        if found := _time_of(training.total_steps, cost, [each for each in known if each[0].processes == processes]):
            return replace(found, processes=0 if processes == wanted else processes)
    return None


def _time_of(total_steps: int, cost: Cost, known: Sequence[tuple[RunRecord, Cost]]) -> Time | None:
    """By these runs, which were trained by the same number of processes on the same kind of device."""
    alike = [
        total_steps * _speed(record)
        for record, past in known
        if past.kind == cost.kind and not (cost.phased and record.step != total_steps)
    ]
    if alike:
        # Another load of the machine changes the speed, so the range covers all of them.
        low, high = min(alike[:5]), max(alike[:5])
        return Time(low * 5 / 6, high * 7 / 6, len(alike[:5]), alike=True)
    if not cost.work or cost.phased:
        # Of phases, only a whole run tells how long they take.
        return None
    known = [(record, past) for record, past in known if not past.phased]
    near = [(record, past) for record, past in known if cost.work / UNLIKE <= past.work <= cost.work * UNLIKE]
    rates = [_speed(record) / past.work for record, past in near][:5]
    if not rates:
        return None
    middle = total_steps * cost.work * median(rates)
    # Small networks use a device less well than large ones.
    return Time(middle / 2, middle * 2, len(rates), alike=False)


def _speed(record: RunRecord) -> float:
    """Seconds for a step of a run; 0 if it has too few steps to tell."""
    if record.parent_step is None and record.step >= FEWEST_STEPS and record.seconds > 0:
        return record.seconds / record.step
    # A fork counts the seconds of its parent too.
    own = record.step - (record.parent_step or 0)
    return record.batch_size / record.images_per_second if own >= FEWEST_STEPS and record.images_per_second > 0 else 0.0


@lru_cache(maxsize=64)
def _past(workflow_text: str, data_text: str) -> Cost | None:
    return _cost(workflows.of_run(workflow_text, data_text))


def _cost(report: Report) -> Cost | None:
    """The cost of a step; None if the training has problems."""
    found = training_subgraph(report)
    if found is None:
        return None
    node, networks = report.nodes[found.node], [port for port in found.ports if isinstance(port, NetworkPort)]
    stacked = sorted(type(report.nodes[each]).__name__ for each in found.given)
    settings = node.model_dump(exclude={"total_steps", "seed", "processes", *_wires(report, found.node)})
    kind = (tuple(stacked), repr(sorted(settings.items())), tuple(repr(port.plan) for port in networks))
    # The last of several nodes that give a network of one role has it as it is trained.
    work = sum({port.role: port.plan.multiply_adds if port.plan else 0 for port in networks}.values())
    return Cost(kind, float(work * found.training.batch_size), bool(found.training.phases))


def _wires(report: Report, node_id: str) -> set[str]:
    return {name for name, _ in report.workflow.nodes[node_id].links()}


def _updated(report: Report, training: str) -> list[str]:
    """The nodes whose optimizers the training node uses."""
    links = [link.node for _, link in report.workflow.nodes[training].links()]
    return [each for each in links if any(isinstance(port, OptimizerPort) for port in report.ports[each])]


def _disk(home: Path, report: Report, training: TrainingPort, time: Time | None) -> Disk | None:
    checkpoint = checkpoint_bytes(home, report)
    if checkpoint is None:
        return None
    grids = 0.0
    for node_id, node in report.nodes.items():
        if isinstance(node, SampleGrid) and node_id in report.ports:
            channels, height, width = training.images.shape
            drawn = min(KEPT_GRIDS, training.total_steps // node.every + 1)
            grids += drawn * (node.count * channels * height * width * PIXEL_BYTES + GRID_OVERHEAD)
    # What is measured every few seconds takes next to nothing.
    metrics = (len(series_of(report)) - len(SYSTEM)) * training.total_steps * METRIC_BYTES
    evaluation = periodic_evaluation(report)
    best = 1 if evaluation is not None and evaluation.keep_best else 0
    kept = _kept(training.total_steps, time, rules_of(report, {}), checkpoint)
    return Disk(checkpoint * (kept + best), grids, metrics, _free(home))


def _kept(total_steps: int, time: Time | None, rules: CheckpointRules, size: float) -> int:
    """Number of checkpoints that remain at the end of a run. With an unknown speed, the most that can remain. size: of
    a checkpoint, in bytes."""
    keeping = rules.keeping
    steps = {0, total_steps}
    if time is None:
        steps |= {2**power for power in range(total_steps.bit_length())}
    else:
        saves = max(1, math.ceil((time.low + time.high) / 2 / rules.seconds))
        steps |= {math.ceil(total_steps * n / saves) for n in range(1, saves + 1)}
    kept = len(Keeping(keeping.last, keeping.doublings).kept(dict.fromkeys(steps, 0)))
    # Counted apart, because there may be millions.
    kept += total_steps // keeping.every if keeping.every else 0
    if keeping.most:
        kept = min(kept, keeping.most)
    if keeping.most_bytes:
        kept = min(kept, int(keeping.most_bytes / size))
    return max(1, kept)


def _free(home: Path) -> float:
    """Bytes that can still be written to the disk of the home, which may not exist yet."""
    folder = next(each for each in (home, *home.absolute().parents) if each.is_dir())
    return float(shutil.disk_usage(folder).free)
