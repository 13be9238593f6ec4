"""`sample`: images from a stored checkpoint, drawn in this process."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from pipeline.command.answer import Answer, say
from pipeline.command.files import writable
from pipeline.runs.home import home
from pipeline.runs.store import Store


def options(parser: ArgumentParser) -> None:
    """The checkpoint, what to draw from it, and where to."""
    parser.add_argument("run", metavar="RUN", help="a run's id, or latest")
    parser.add_argument("--count", type=int, default=64, metavar="N", help="how many images (default: 64)")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="the same seed draws the same images (default: 0)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE",
        help="a grid as .png, or .npz with images uint8 (N, H, W, C); written anew if it is there already",
    )  # fmt: skip
    parser.add_argument("--step", type=int, metavar="K", help="the checkpoint of step K (default: the newest)")
    parser.add_argument(
        "--weights", choices=["ema", "raw"], default="ema", help="averaged weights, or those trained (default: ema)"
    )
    parser.add_argument(
        "--class", dest="label", type=int, metavar="K",
        help="images of class K from a conditional generator (default: each class in turn)",
    )  # fmt: skip
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps (default: auto)")


def run(arguments: Namespace) -> Answer:
    """Draws images from a run's checkpoint into a file."""
    out = writable(arguments.out, (".png", ".npz"))
    with Store(home()) as store:
        # Before torch is loaded, so that a wrong id is refused at once.
        record = store.resolve(arguments.run)
        from pipeline.sampling.stored import draw_from_run

        drawing = draw_from_run(
            store,
            record.id,
            step=arguments.step,
            count=arguments.count,
            seed=arguments.seed,
            weights=arguments.weights,
            label=arguments.label,
            device=arguments.device,
        )
    for sentence in drawing.skipped:
        say(sentence)
    drawing.write(out)
    return Answer(
        {
            "run": record.id,
            "step": drawing.step,
            "count": arguments.count,
            "seed": arguments.seed,
            "weights": arguments.weights,
            "class": arguments.label,
            "out": str(out),
        },
        f"{arguments.count:,} images from run {record.id} at step {drawing.step:,} are in {out}.",
    )
