"""Files of custom nodes: loaded in addition to the built-in ones, or reported and left out completely."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.families.family import FAMILIES
from pipeline.graph.check import check
from pipeline.graph.edit import insert_node
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.custom_nodes import CustomNodes, load
from pipeline.nodes.training_subgraph import series_of
from pipeline.runs.series import by_name
from pipeline.studio.charts.expressions import vocabulary
from pipeline.training.trainer import Trainer
from tests.custom_catalogue import catalogue_as_before

ROOT = Path(__file__).parents[2]
NODE = '''
"""A source of noise."""
from typing import Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Node, Port
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.ports import NoisePort


@NODES.register
class {name}(Node):
    """Custom noise."""

    title: ClassVar[str] = "Own noise"
    category: ClassVar[Category] = "noise"
    outputs: ClassVar[tuple[type[Port], ...]] = (NoisePort,)

    dim: Annotated[int, Field(ge=1, le=9, description="How many numbers.")] = 3

    def infer(self):
        return NoisePort(self.dim)

    def build(self, building):
        return None
'''


@pytest.fixture(autouse=True)
def _catalogue() -> Iterator[None]:
    with catalogue_as_before():
        yield


def loaded(folder: Path, **files: str | bytes) -> CustomNodes:
    """Write these files, by name without `.py`, and load them."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.py").write_bytes(content if isinstance(content, bytes) else content.encode())
    return load([folder], NODES)


def test_the_nodes_of_a_file_are_registered(tmp_path: Path) -> None:
    own = loaded(tmp_path, noise=NODE.format(name="OwnNoise"))
    assert (own.files, own.failed) == ((tmp_path / "noise.py",), ())
    assert NODES["OwnNoise"].title == "Own noise"
    report = check(Workflow("", {"noise": NodeData("OwnNoise", {"dim": 99})}), NODES)
    assert "value_bigger_than_max" in [problem.type for problem in report.problems]


def test_files_load_in_order_of_name_and_those_with_an_underscore_are_skipped(tmp_path: Path) -> None:
    own = loaded(
        tmp_path,
        b=NODE.format(name="Second"),
        a=NODE.format(name="First"),
        _draft="raise RuntimeError",
        c=NODE.format(name="Third"),
    )
    assert [path.stem for path in own.files] == ["a", "b", "c"]
    assert NODES.names()[-3:] == ("First", "Second", "Third")


def test_several_places_may_be_given_and_each_may_be_a_file(tmp_path: Path) -> None:
    loaded(tmp_path / "one", same=NODE.format(name="One"))
    (tmp_path / "same.py").write_text(NODE.format(name="Two"))
    # The first folder fails because its nodes are already registered; the file still loads.
    own = load([tmp_path / "one", tmp_path / "same.py"], NODES)
    assert own.files == (tmp_path / "same.py",)
    assert NODES["One"].__module__ != NODES["Two"].__module__


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("class OwnNoise(:", "SyntaxError: invalid syntax"),
        ("import a_module_that_is_nowhere", "ModuleNotFoundError: No module named 'a_module_that_is_nowhere'."),
        ("from . import neighbour", "ImportError: cannot import name 'neighbour'"),
        ("import sys; sys.exit(3)", "SystemExit: 3."),
        ("from pipeline.nodes.ports import Network", "written for an earlier version, .github/GLOSSARY.md lists"),
        ("import pipeline.nodes.of_an_earlier_version", "written for an earlier version, .github/GLOSSARY.md lists"),
        ("raise ValueError('one\\ntwo')", "ValueError: one."),
        ("def f(): f()\nf()", "RecursionError"),
        (b"\xff\xfe\x00", "SyntaxError"),
        ("", "It registers no node: put @NODES.register above"),
        ("x = 1 / 0", "ZeroDivisionError: division by zero."),
        (NODE.format(name="OwnNoise").replace("ge=1, ", ""), "its number 'dim' needs both bounds"),
        (
            NODE.format(name="OwnNoise").replace('= "noise"', '= "loss"'),
            "its category is none of " + next(iter(NODES.categories)),
        ),
        (NODE.format(name="Adam"), "Node class Adam cannot be registered: another class of this name is registered."),
        (NODE.format(name="OwnNoise") + "\nraise OSError(5, 'half way')", "OSError: [Errno 5] half way."),
        ("class E(Exception):\n def __str__(self): return 1 / 0\nraise E", "E: <exception str() failed>."),
    ],
)
def test_a_failing_file_is_reported_and_undone_and_the_others_still_load(tmp_path, content, reason):
    before = NODES.names()
    own = loaded(tmp_path, a_wrong=content, b_right=NODE.format(name="Right"))
    (failure,) = own.failed
    assert failure.path == tmp_path / "a_wrong.py"
    assert failure.reason.startswith(reason) or reason in failure.reason
    assert NODES.names() == (*before, "Right")
    assert not [name for name, module in sys.modules.items() if getattr(module, "__file__", "") == str(failure.path)]
    assert failure.traceback and "importlib" not in failure.traceback


def test_a_workflow_with_a_node_of_a_failed_file_says_why_it_is_missing(tmp_path: Path) -> None:
    loaded(tmp_path, loss="import nowhere_at_all\n" + NODE.format(name="OwnNoise"))
    problems = check(Workflow("", {"noise": NodeData("OwnNoise", {})}), NODES).problems
    assert problems[-1].message == (
        "There is no node type 'OwnNoise': loss.py failed to load: "
        "ModuleNotFoundError: No module named 'nowhere_at_all'."
    )


def test_the_traceback_of_a_failed_file_starts_in_the_file(tmp_path: Path) -> None:
    (failure,) = loaded(tmp_path, loss="def deep():\n    return 1 / 0\n\ndeep()").failed
    lines = failure.traceback.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1] == f'  File "{tmp_path}/loss.py", line 4, in <module>'
    assert "line 2, in deep" in failure.traceback


@pytest.mark.parametrize("name", ["nowhere", "locked"])
def test_a_folder_that_cannot_be_read_is_reported(tmp_path: Path, name: str) -> None:
    (tmp_path / "locked").mkdir(mode=0o000)
    if name == "locked" and os.access(tmp_path / "locked", os.R_OK):
        pytest.skip("the superuser reads anything")
    (failure,) = load([tmp_path / name], NODES).failed
    assert failure.path == tmp_path / name
    assert str(tmp_path / name) in failure.sentence and failure.traceback == ""


def test_output_printed_by_a_file_goes_to_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    loaded(tmp_path, noise="print('loading')\n" + NODE.format(name="OwnNoise"))
    assert capfd.readouterr() == ("", "loading\n")


def test_every_process_loads_the_files_and_names_those_that_import_torch(tmp_path: Path) -> None:
    # An empty torch.py stands in for the real one, to save time.
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "torch.py").touch()
    (tmp_path / "plain.py").write_text(NODE.format(name="Plain"))
    (tmp_path / "slow.py").write_text("import torch\n" + NODE.format(name="Slow"))
    (tmp_path / "wrong.py").write_text("1 / 0")
    program = """
import sys
from pipeline.nodes.catalogue import CUSTOM_NODES, NODES
assert NODES.names()[-2:] == ("Plain", "Slow"), NODES.names()
assert [path.stem for path in CUSTOM_NODES.with_torch] == ["slow"]
assert [failure.path.stem for failure in CUSTOM_NODES.failed] == ["wrong"]
"""
    environment = os.environ | {
        "GENSCOPE_NODES": os.pathsep.join(["", str(tmp_path), str(tmp_path)]),
        "PYTHONPATH": str(tmp_path / "elsewhere"),
    }
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, env=environment)


def test_a_file_can_import_an_underscore_file_next_to_it(tmp_path):
    (tmp_path / "_sizes.py").write_text("DEFAULT = 7\n")
    node = NODE.format(name="OwnNoise").replace("= 3", "= DEFAULT")
    own = loaded(tmp_path, noise=node.replace("from typing", "from ._sizes import DEFAULT\nfrom typing", 1))
    assert own.failed == ()
    assert NODES["OwnNoise"].model_fields["dim"].default == 7


FAMILY = '''
"""A family."""
from pipeline.families.family import FAMILIES, Family, Role, UpdateKind

FAMILIES.register(Family("own", "Own family", roles=(Role("{role}", "{colour}"),), updates=(UpdateKind("own"),)))
'''


def test_a_custom_family_adds_its_roles_as_node_categories(tmp_path):
    node = NODE.format(name="OwnMaker").replace('= "noise"', '= "maker"')
    own = loaded(tmp_path, a_family=FAMILY.format(role="maker", colour="amber"), b_node=node)
    assert own.failed == ()
    assert NODES.category_of("OwnMaker").colour == "amber"


def test_a_file_that_fails_after_registering_a_family_leaves_no_family_behind(tmp_path):
    own = loaded(tmp_path, family=FAMILY.format(role="maker", colour="amber") + "\n1 / 0")
    assert "ZeroDivisionError" in own.failed[0].reason
    assert FAMILIES.get("own") is None and "maker" not in NODES.categories


def test_a_family_that_contradicts_another_is_refused(tmp_path):
    own = loaded(tmp_path, family=FAMILY.format(role="generator", colour="amber"))
    assert "its role 'generator' already exists with another colour or side" in own.failed[0].reason


SHARPNESS = '''
"""A node that records a custom series."""
from dataclasses import replace
from typing import ClassVar

from pipeline.graph.node import Node, Port
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.losses.penalties import ObjectiveWire
from pipeline.nodes.ports import ObjectivePort
from pipeline.runs.series import Chart, Series

SERIES = Series("sharpness", "mean difference of neighbouring pixels", Chart("Sharpness", "per pixel"), "amber")


@NODES.register
class Sharpness(Node):
    """Records how sharp generated images are."""

    title: ClassVar[str] = "Sharpness"
    category: ClassVar[str] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    objective: ObjectiveWire

    def infer(self, objective):
        return objective.recording(SERIES)

    def build(self, building, objective):
        from pipeline.training.stages import Operation

        def run(state, made):
            return {"sharpness": made["fake"].diff(dim=3).abs().mean()}

        measure = Operation("measure sharpness", building.node_id, run)
        return replace(objective, after_discriminator=(*objective.after_discriminator, measure))
'''


def test_a_series_of_a_custom_node_is_described_charted_and_recorded(tmp_path, small):
    assert loaded(tmp_path, sharpness=SHARPNESS).failed == ()
    workflow, _ = insert_node(small("mlp-gan"), "Sharpness", "objective", NODES)
    declared = by_name(series_of(check(workflow, NODES)))["sharpness"]
    assert (declared.meaning, declared.unit) == ("mean difference of neighbouring pixels", "per pixel")
    assert declared.chart.title == "Sharpness"
    found = Trainer.fresh(assemble(workflow, tmp_path)).step()
    assert 0 < found.values[0, found.names.index("sharpness")] < 2
    rows = vocabulary(series_of(check(workflow, NODES))).to_pylist()
    assert {"Name": "sharpness", "What it is": "mean difference of neighbouring pixels"} in rows
