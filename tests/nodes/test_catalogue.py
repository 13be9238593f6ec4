import subprocess
import sys

from pipeline.graph.check import check
from pipeline.graph.form import parameters
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.nodes.catalogue import NODES


def test_importing_the_catalogue_loads_no_torch():
    program = "import sys, pipeline.nodes.assemble; sys.exit('torch' in sys.modules or 'streamlit' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_checking_and_laying_out_a_template_loads_no_torch():
    program = """
import sys
from pathlib import Path
from pipeline.graph.check import check
from pipeline.graph.document import read
from pipeline.graph.layout import layout
from pipeline.nodes.catalogue import NODES
workflow = read(Path("pipeline/templates/dcgan.json").read_bytes(), "dcgan")
assert check(workflow, NODES).ok and layout(workflow, NODES)
sys.exit("torch" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_default_is_a_valid_value_of_its_parameter():
    for node_class in NODES:
        defaults = {parameter.name: parameter.default for parameter in parameters(node_class)}
        problems = check(Workflow("", {"node": NodeData(node_class.__name__, defaults)}), NODES).problems
        # The default source of Image files is empty, which is a mismatch but a valid value.
        values = [problem for problem in problems if problem.type != "shape_mismatch"]
        assert not [problem for problem in values if problem.input_name in defaults]


def test_titles_fit_a_box_of_the_graph():
    assert all(len(node_class.title) <= 22 for node_class in NODES)
