"""`import`: adds the runs of a bundle to the home."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.progress_line import ExportLine
from pipeline.command.stores import open_store
from pipeline.engine.user_names import user_name
from pipeline.formatting import listed, visible
from pipeline.runs.bundles.importing import ImportedRun, import_bundle


def options(parser: ArgumentParser) -> None:
    """Add the file."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a bundle, written by `export --to bundle`")


def run(arguments: Namespace) -> CommandResult:
    """Import runs from a bundle that another Genscope wrote; a bundle that is damaged or newer changes nothing."""
    with open_store() as store, ExportLine() as progress:
        imported = import_bundle(store, arguments.file, user_name(), progress)
    if imported.present:
        print_status(f"Here already: {listed([f'run {run}' for run in imported.present.values()])}.")
    for each in imported.runs:
        if each.lost_parent:
            print_status(
                f"Run {each.id} is imported without the curves of its ancestors: run {each.lost_parent}, from which it "
                "was forked, is neither in the bundle nor here."
            )
    if imported.taken:
        print_status(
            f"The uploads {listed(imported.taken)} were left out: there are others of the same name here, which the "
            "runs will read. They refuse to go on if these are other images."
        )
    runs = [{"run": each.id, "was": each.was, "name": each.name, "step": each.step} for each in imported.runs]
    return CommandResult(
        {"runs": runs, "present": dict(imported.present), "uploads": list(imported.uploads)},
        "\n".join(map(_sentence, imported.runs)),
    )


def _sentence(each: ImportedRun) -> str:
    other = f" It was run {each.was} where it was exported; that id is taken here." if each.id != each.was else ""
    return f"Imported run {each.id} ({visible(each.name)}), at step {each.step:,}.{other}"
