"""A million images that are decoded while training: what listing, opening and training take.

    python -m tests.bench.measure_large_sets [--each 50000] [--steps 200] [--sizes 32 64] [--folder FOLDER]

Makes 20 files of 96×96 pixels (JPEG of 3 kB, crops of a photograph), each with 50,000 hard links, in a class folder of
its own; and the same images in a tar of 50,000 samples with labels, which has 20 names. Measured are, each in a process
of its own: listing the set, opening it again, and training the template dcgan on it, on two cores, with images decoded
while training and with images that are in memory (the first 5,000). Waiting is the time in which training has no batch
and stands still. "Others" is the share of the cores that other programs took. What was measured is in
`measured_large_sets.txt`.
"""

import argparse
import multiprocessing
import os
import resource
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.bench.load import OtherLoad

CLASSES = 20
ROUNDS = 5


def make_folder(folder: Path, each: int) -> Path:
    """The folder of hard links."""
    from PIL import Image
    from sklearn.datasets import load_sample_image

    photograph = load_sample_image("flower.jpg")
    for number in range(CLASSES):
        place = folder / f"class_{number:02}"
        place.mkdir(parents=True)
        top, left = 16 * number, 25 * number
        first = place / "00000.jpg"
        Image.fromarray(photograph[top : top + 96, left : left + 96]).save(first, quality=90)
        for copy in range(1, each):
            os.link(first, place / f"{copy:05}.jpg")
    return folder


def make_tars(folder: Path, source: Path, each: int) -> Path:
    """One tar of samples of all classes of `source` in turn, under as many names as there are classes."""
    folder.mkdir()
    contents = [(place / "00000.jpg").read_bytes() for place in sorted(source.iterdir())]
    first = folder / "000.tar"
    with tarfile.open(first, "w") as archive:
        for row in range(each):
            label = row % CLASSES
            for ending, part in (("jpg", contents[label]), ("cls", str(label).encode())):
                member = tarfile.TarInfo(f"{row:08}.{ending}")
                member.size = len(part)
                archive.addfile(member, BytesIO(part))
    for copy in range(1, CLASSES):
        os.link(first, folder / f"{copy:03}.tar")
    return folder


def listing(source: Path, home: Path) -> dict[str, float]:
    from pipeline.data.files.survey import survey

    begun, used = time.perf_counter(), time.process_time()
    found = survey(str(source), home)
    seconds, on_cpu = time.perf_counter() - begun, time.process_time() - used
    return {"images": found.count, "seconds": seconds, "CPU seconds": on_cpu, "peak MB": peak()}


def training(source: Path, home: Path, decoding: str, size: int, steps: int) -> dict[str, float]:
    """Steps of the template, in rounds; the time to the first batch, and the share of the time spent waiting."""
    import torch

    from pipeline.data.batches import Batches
    from pipeline.graph import edit
    from pipeline.graph.workflow import NodeData
    from pipeline.nodes.assemble import assemble
    from pipeline.nodes.catalogue import NODES
    from pipeline.studio.workflows import open_template
    from pipeline.training.trainer import Trainer

    # A node looks for what was listed in the home of its process.
    os.environ["GENSCOPE_HOME"] = str(home)
    torch.set_num_threads(2)
    data = {"source": str(source), "image_size": size, "decoding": decoding}
    workflow = edit.replace_node(open_template("dcgan"), "data", NodeData("ImageFiles", data))
    sizes = (f"generator.image_size={size}", "generator.channels=3", "training.device=cpu")
    workflow = edit.apply_settings(workflow, sizes, NODES)
    waited: list[float] = []
    after = Batches.after

    def timed(batches: Batches, drawn: int) -> Any:
        begun = time.perf_counter()
        batch = after(batches, drawn)
        waited.append(time.perf_counter() - begun)
        return batch

    Batches.after = timed  # type: ignore[method-assign, assignment]
    begun = time.perf_counter()
    trainer = Trainer.fresh(assemble(workflow, home, device="cpu"))
    trainer.slice(3, seconds=600)
    ready = time.perf_counter() - begun
    rounds, load = [], OtherLoad(os.getpid())
    for _ in range(ROUNDS):
        waited.clear()
        begun, used = time.perf_counter(), time.process_time()
        trainer.slice(steps // ROUNDS, seconds=3600)
        spent = time.perf_counter() - begun
        rounds.append((spent / (steps // ROUNDS), sum(waited) / spent, (time.process_time() - used) / spent))
    middle = [statistics.median(each) for each in zip(*rounds, strict=True)]
    return {
        "seconds to the third step": ready, "ms a step": 1000 * middle[0], "share waiting": middle[1],
        "cores used": middle[2], "others": load.share(), "peak MB": peak(),
    }  # fmt: skip


def peak() -> float:
    """The most memory that this process had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def alone(task: Callable[..., dict[str, float]], *arguments: object) -> dict[str, float]:
    """Run in a process of its own, whose memory is measured."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(task, arguments)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=50_000)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--sizes", type=int, nargs="+", default=[32, 64])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as place:
        folder, home = Path(place) / "folder", Path(place) / "home"
        make_folder(folder, options.each)
        tars = make_tars(Path(place) / "tars", folder, options.each)
        few = make_folder(Path(place) / "few", 250)
        for name, source in (("folder", folder), ("tars", tars)):
            row(f"{name}: listed", alone(listing, source, home))
            row(f"{name}: opened again", alone(listing, source, home))
        for size in options.sizes:
            for name, source, decoding in (
                ("folder", folder, "while training"),
                ("tars", tars, "while training"),
                ("5,000 in memory", few, "before training"),
            ):
                row(f"{name}: training at {size}", alone(training, source, home, decoding, size, options.steps))


def row(name: str, values: dict[str, float]) -> None:
    print(f"{name:34}", ", ".join(f"{what} {value:,.3g}" if value < 1000 else f"{what} {value:,.0f}"
                                  for what, value in values.items()), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
