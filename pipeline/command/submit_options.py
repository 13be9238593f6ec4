"""The options of `submit`: what to train, and what to ask of the cluster."""

from argparse import ArgumentParser, Namespace
from typing import get_args

from pipeline.command.files import WORKFLOW
from pipeline.command.names import run_name
from pipeline.command.numbers import integer, whole_number
from pipeline.command.train import MOST_STEPS
from pipeline.launch.resources import Cluster, Resources, extra_options, resources

_OPTIONS = ("partition", "account", "qos", "nodes", "tasks", "gpus", "cpus", "memory", "minutes", "notice",
            "constraint", "comment")  # fmt: skip
MOST_LINES = 10_000


def options(parser: ArgumentParser) -> None:
    """Add options: what to train, what to ask for, and what to do with jobs."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("workflow", nargs="?", **WORKFLOW)
    what.add_argument("--resume", metavar="RUN", help="go on with a run (its id, or latest) from its last checkpoint")
    what.add_argument("--fork", metavar="RUN", help="a new run from a checkpoint of this run (its id, or latest)")
    what.add_argument("--list", action="store_true", help="list the jobs of this home")
    what.add_argument("--cancel", metavar="JOB", help="end a job (its id, its number, or latest); its run is saved")
    what.add_argument("--logs", metavar="JOB", help="print the last lines of each task of a job")
    parser.add_argument("--step", type=integer, metavar="K", help="with --fork: the checkpoint's step (default: last)")
    parser.add_argument(
        "--steps", type=whole_number(1, MOST_STEPS), metavar="N",
        help="train N steps, or N more (default: up to the training node's total_steps)",
    )  # fmt: skip
    parser.add_argument("--set", action="append", metavar="NODE.PARAMETER=VALUE", help="change a parameter; repeatable")
    parser.add_argument("--seed", type=integer, metavar="N", help="set the training node's seed")
    parser.add_argument("--device", help="set the training node's device: auto, cpu, cuda, cuda:1 or mps")
    parser.add_argument("--name", type=run_name, help="name of the run (default: the workflow's name)")
    parser.add_argument("--lines", type=whole_number(1, MOST_LINES), metavar="N", help="with --logs: how many lines")
    _resource_options(parser)


def _resource_options(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("resources")
    group.add_argument(
        "--cluster", choices=get_args(Cluster), default="auto",
        help="where: auto (default) is Slurm where `srun` exists, else this machine",
    )  # fmt: skip
    for name in _OPTIONS:
        # Numbers are read as text, so that every bad one gets the sentence that pages show too.
        text = Resources.model_fields[name].default == ""
        group.add_argument(f"--{name}", metavar="TEXT" if text else "N", help=_help(name))
    group.add_argument(
        "--sbatch",
        action="append",
        metavar="KEY=VALUE",
        help="another option of sbatch, such as exclude=node7; repeatable",
    )
    group.add_argument("--dry-run", action="store_true", help="print the batch file, and submit nothing")


def _help(name: str) -> str:
    """A field's title and description, as other options have theirs."""
    known = Resources.model_fields[name]
    title, about = str(known.title), str(known.description).rstrip(".")
    # An abbreviation stays as it is.
    first = title.split()[0]
    title = first.lower() + title[len(first) :] if first.istitle() else title
    usual = "the workflow's processes, shared by the nodes" if name == "tasks" else known.default
    return f"{title}: {about[0].lower()}{about[1:]}".replace("%", "%%") + (f" (default: {usual})" if usual else "")


def asked_resources(arguments: Namespace, processes: int) -> Resources:
    """The resources that the options name. processes: as of `resources`. Raises UnfitResources."""
    given = {name: getattr(arguments, name) for name in _OPTIONS}
    return resources(processes, **given, extra=extra_options(arguments.sbatch or []))


def given_resources(arguments: Namespace) -> list[str]:
    """The options for resources that were given, as they are written."""
    names = [f"--{name}" for name in _OPTIONS if getattr(arguments, name) is not None]
    return [*names, *(["--sbatch"] if arguments.sbatch else []), *(["--dry-run"] if arguments.dry_run else [])]
