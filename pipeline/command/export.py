"""`export`: the metrics, the trained weights or the whole model of a run, as files for other programs."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from shlex import quote

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.files import writable, writable_folder
from pipeline.command.numbers import integer
from pipeline.errors.machine import UnreadableCommand
from pipeline.formatting import counted, listed, visible
from pipeline.runs.home import home
from pipeline.runs.store import Store
from pipeline.studio.evaluation.memorised import warning_before_sharing
from pipeline.studio.workflows import measured_names


def options(parser: ArgumentParser) -> None:
    """Add the run, the format, the output path and which weights."""
    parser.add_argument("run", metavar="RUN", help="run id, or latest")
    parser.add_argument(
        "--to", choices=["csv", "safetensors", "torch"], required=True,
        help="csv: one row for each step, one column for each metric; what is measured with a sample grid is only in "
        "the row of its step. safetensors: the trained weights, under the names that a torch module gives them. torch: "
        "the weights, and a Python file that draws samples with torch and numpy alone",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PATH",
        help="output file; overwritten if it exists. For the weights of all networks, a folder: a file for each. For "
        "torch, the folder of model.py, model.pth and weights.safetensors",
    )  # fmt: skip
    parser.add_argument("--network", metavar="NETWORK", help="the weights of this network only, named by its role")
    parser.add_argument(
        "--step", type=integer, metavar="K", help="the weights at the checkpoint of step K (default: the newest)"
    )
    parser.add_argument(
        "--weights", choices=["ema", "raw"],
        help="averaged weights (ema) or trained weights (raw); equal if the run keeps no average (default: ema)",
    )  # fmt: skip


def run(arguments: Namespace) -> CommandResult:
    """Write the metrics, the trained weights or a model that draws samples by itself to files."""
    if arguments.to == "safetensors":
        return _weights(arguments)
    if arguments.to == "torch":
        return _model(arguments)
    for option in ("network", "step", "weights"):
        if getattr(arguments, option) is not None:
            raise UnreadableCommand("export", f"--{option} chooses weights: use it with --to safetensors or torch")
    from pipeline.runs.exporting.csv_files import to_csv

    out = writable(arguments.out, (".csv",))
    with Store(home()) as store:
        record = store.resolve(arguments.run)
        steps = to_csv(store, record.id, out, measured_names(record.workflow_text, record.data_text))
    return CommandResult(
        {"run": record.id, "to": arguments.to, "out": str(out), "steps": steps},
        f"Wrote {counted(steps, 'step')} of run {record.id} to {visible(str(out))}.",
    )


def _weights(arguments: Namespace) -> CommandResult:
    ending = ".safetensors"
    # A name with another ending is meant as a file, not as a folder.
    to_file = bool(arguments.out.suffix) and not arguments.out.is_dir()
    out = writable(arguments.out, (ending,)) if to_file else writable_folder(arguments.out, "a file's", ending)
    with Store(home()) as store:
        record = store.resolve(arguments.run)
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
    with Store(home()) as store:
        record = store.resolve(arguments.run)
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
