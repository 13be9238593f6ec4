"""`export`: runs as files for other programs; here the trained weights and the whole model of one."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from shlex import quote

from pipeline.command import export_records as records
from pipeline.command.answer import CommandResult, print_status
from pipeline.command.files import writable, writable_folder
from pipeline.command.numbers import integer, whole_number
from pipeline.command.stores import existing_store
from pipeline.errors.machine import UnreadableCommand
from pipeline.formatting import listed, visible
from pipeline.studio.evaluation.memorised import warning_before_sharing

OPTIONS = {
    "network": (("safetensors", "torch"), "chooses weights"),
    "step": (("safetensors", "torch"), "chooses weights"),
    "weights": (("safetensors", "torch"), "chooses weights"),
    "every": (("tensorboard",), "chooses steps of scalars"),
    "checkpoints": (("bundle",), "chooses what a bundle holds"),
    "alone": (("bundle",), "leaves ancestors out of a bundle"),
    "uploads": (("bundle",), "adds images to a bundle"),
}
"""Options of some kinds only: those kinds, and what the option does."""


def options(parser: ArgumentParser) -> None:
    """Add the runs, the format, the output path, and what of them is written."""
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="run id, or latest; for tables, tensorboard and bundle also several"
    )
    parser.add_argument(
        "--to", choices=[*records.ENDINGS, "tensorboard", "bundle", "safetensors", "torch"], required=True,
        help="csv: one row for each step, one column for each metric; what is measured with a sample grid is only in "
        "the row of its step. Of several runs, one row for each run and step. parquet: the same, with typed columns. "
        "long-csv, long-parquet: one row for each value. tensorboard: event files with scalars, sample grids, "
        "histograms and texts. bundle: everything, as one file that `import` reads. safetensors: the trained weights, "
        "under the names that a torch module gives them. torch: the weights, and a Python file that draws samples with "
        "torch and numpy alone",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PATH",
        help="output file; overwritten if it exists. For the weights of all networks, a folder: a file for each. For "
        "torch, the folder of model.py, model.pth and weights.safetensors. For tensorboard, the folder to give to "
        "`tensorboard --logdir`: each run gets a folder in it",
    )  # fmt: skip
    parser.add_argument(
        "--every", type=whole_number(1, 10**9), metavar="N",
        help="tensorboard: the scalars of every N-th step (default: of each step, or of runs longer than 10,000 steps "
        "the last one of each band of steps)",
    )  # fmt: skip
    parser.add_argument(
        "--checkpoints",
        choices=["all", "chosen", "last"],
        help="bundle: which checkpoints; chosen: the last one, the best one by the periodic evaluation, and pinned "
        "ones (default: all)",
    )
    parser.add_argument("--alone", action="store_true", help="bundle: without the runs that these were forked from")
    parser.add_argument("--uploads", action="store_true", help="bundle: with the uploaded images that the runs read")
    parser.add_argument("--network", metavar="NETWORK", help="the weights of this network only, named by its role")
    parser.add_argument(
        "--step", type=integer, metavar="K", help="the weights at the checkpoint of step K (default: the newest)"
    )
    parser.add_argument(
        "--weights", choices=["ema", "raw"],
        help="averaged weights (ema) or trained weights (raw); equal if the run keeps no average (default: ema)",
    )  # fmt: skip


def run(arguments: Namespace) -> CommandResult:
    """Write runs to files for other programs: their metrics, everything for TensorBoard or another Genscope, the
    trained weights of one, or a model that draws samples by itself."""
    for option, (kinds, sentence) in OPTIONS.items():
        given = getattr(arguments, option)
        if given is not None and given is not False and arguments.to not in kinds:
            raise UnreadableCommand("export", f"--{option} {sentence}: use it with --to {' or '.join(kinds)}")
    if arguments.to in ("safetensors", "torch"):
        if len(arguments.runs) > 1:
            raise UnreadableCommand("export", f"--to {arguments.to} writes one run: name only one")
        return _weights(arguments) if arguments.to == "safetensors" else _model(arguments)
    if arguments.to == "tensorboard":
        return records.tensorboard(arguments)
    return records.bundle(arguments) if arguments.to == "bundle" else records.table(arguments)


def _weights(arguments: Namespace) -> CommandResult:
    ending = ".safetensors"
    # A name with another ending is meant as a file, not as a folder.
    to_file = bool(arguments.out.suffix) and not arguments.out.is_dir()
    out = writable(arguments.out, (ending,)) if to_file else writable_folder(arguments.out, "a file's", ending)
    with existing_store() as store:
        record = store.resolve(arguments.runs[0])
        from pipeline.sampling.weights_export import write_weights

        written = write_weights(
            store,
            record.id,
            out,
            network=arguments.network,
            step=arguments.step,
            weights=arguments.weights or "ema",
        )
        warning = warning_before_sharing(store.files(record.id), written.step)
    for sentence in filter(None, (*written.skipped, warning)):
        print_status(sentence)
    files = {network: str(path) for network, path in written.files.items()}
    return CommandResult(
        {"run": record.id, "to": arguments.to, "step": written.step, "files": files, "weights": dict(written.kinds)},
        "\n".join(
            f"Wrote the {'averaged' if written.kinds[network] == 'ema' else 'raw'} weights of the {network} at step "
            f"{written.step:,} of run {record.id} to {visible(str(path))}."
            for network, path in files.items()
        ),
    )


def _model(arguments: Namespace) -> CommandResult:
    if arguments.network is not None:
        raise UnreadableCommand("export", "--network goes with --to safetensors: a file that draws needs all networks")
    out = writable_folder(arguments.out, "")
    with existing_store() as store:
        record = store.resolve(arguments.runs[0])
        from pipeline.standalone.writing import write_model

        written = write_model(store, record.id, out, step=arguments.step, weights=arguments.weights or "ema")
        warning = warning_before_sharing(store.files(record.id), written.step)
    for sentence in filter(None, (*written.remarks, *written.left_out, warning)):
        print_status(sentence)
    return CommandResult(
        {
            "run": record.id,
            "to": arguments.to,
            "step": written.step,
            "out": str(out),
            "files": list(written.files),
            "networks": list(written.networks),
        },
        f"Wrote the {listed(written.networks)} of run {record.id} at step {written.step:,} to {visible(str(out))}: "
        f"{listed(written.files)}. To draw: python {quote(visible(str(out / 'model.py')))} --seed 0 --count 16 --out "
        "samples.png",
    )
